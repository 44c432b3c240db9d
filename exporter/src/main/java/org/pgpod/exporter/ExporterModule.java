package org.pgpod.exporter;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.lifecycle.SidecarModule;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.catalog.Choice;
import org.pgpod.exporter.catalog.CollectorFiles;
import org.pgpod.exporter.collect.ServerLogin;
import org.pgpod.exporter.host.HostFiles;
import org.pgpod.exporter.host.PostgresHost;
import org.pgpod.exporter.host.Volumes;
import org.pgpod.exporter.loop.CatalogWatch;
import org.pgpod.exporter.loop.Explanation;
import org.pgpod.exporter.loop.HostWatch;
import org.pgpod.exporter.loop.Scrapes;
import org.pgpod.exporter.web.WebAccess;

/** The exporter as the launcher knows it. */
public final class ExporterModule implements SidecarModule {
    @Override
    public String name() {
        return "exporter";
    }

    @Override
    public SectionSchema schema() {
        return ExporterSettings.SCHEMA;
    }

    /** Makes the exporter; throws when a collector file or the web configuration is wrong, with every problem of it. */
    @Override
    public Sidecar create(Values values, SidecarContext context) throws ConfigurationException {
        if (!(context.meters() instanceof PrometheusMeterRegistry meters)) {
            throw new IllegalArgumentException("the exporter shows a Prometheus registry, not " + context.meters());
        }
        ExporterSettings settings = ExporterSettings.from(values);
        CollectorFiles files = settings.collectorFiles();
        Choice choice = settings.collection().choice(settings.disabledCollectors());
        List<String> filesRead = files.state();
        CatalogWatch.Reader reader = () -> Catalog.read(files, choice);
        Catalog catalog = reader.read();
        Scrapes scrapes = new Scrapes(
                login(settings, context.pod()),
                catalog,
                settings.collection().databases(),
                settings.mergeTargets(),
                settings.scrapeDeadline(),
                settings.loginCheckInterval(),
                context.clock()::nowMillis);
        return new ExporterSidecar(
                settings,
                scrapes,
                new CatalogWatch(files, filesRead, reader, scrapes::adopt),
                host(values, context),
                WebAccess.open(settings.webConfigFile()),
                meters,
                context.version());
    }

    private static HostWatch host(Values values, SidecarContext context) {
        HostSettings settings = HostSettings.from(values);
        PodSettings pod = context.pod();
        Path data = pod.volumeDirectory().resolve("data");
        PostgresHost postgres = new PostgresHost(
                new HostFiles.Mounted(settings.processDirectory(), settings.controlGroupDirectory()),
                pod.supervisorDirectory().resolve("state"),
                data.resolve("postmaster.pid"));
        Volumes volumes = new Volumes(
                Map.of("data", pod.volumeDirectory(), "wal", data.resolve("pg_wal"), "logs", pod.logDirectory()));
        return new HostWatch(postgres, volumes, settings.interval(), context.clock()::nowMillis);
    }

    private static ServerLogin login(ExporterSettings settings, PodSettings pod) {
        return new ServerLogin(
                settings.postgresAddress(),
                pod.postgresPort(),
                ExporterSettings.ROLE,
                new Credential(pod.credential(ExporterSettings.ROLE)));
    }

    /**
     * Prints what would be collected from the server as it is, and why not the rest; true if the server answered and no
     * collector failed.
     */
    public boolean explain(Values values, PodSettings pod, PrintWriter out) throws ConfigurationException {
        ExporterSettings settings = ExporterSettings.from(values);
        CollectorFiles files = settings.collectorFiles();
        Choice choice = settings.collection().choice(settings.disabledCollectors());
        return new Explanation(
                        login(settings, pod),
                        Catalog.known(files),
                        Catalog.read(files, choice),
                        choice,
                        settings.collection().databases(),
                        out)
                .print();
    }
}
