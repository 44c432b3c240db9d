package org.pgpod.exporter;

import com.sun.net.httpserver.HttpsConfigurator;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.exporter.expose.LandingPage;
import org.pgpod.exporter.expose.MetricsHandler;
import org.pgpod.exporter.expose.ProcessFamilies;
import org.pgpod.exporter.loop.CatalogWatch;
import org.pgpod.exporter.loop.HostWatch;
import org.pgpod.exporter.loop.Scrapes;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.OwnMetric;
import org.pgpod.exporter.model.Scrape;
import org.pgpod.exporter.web.WebAccess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running exporter. It is ready as soon as it serves, whatever Postgres does: a pod whose exporter were not ready
 * would lose its traffic, and pg_up says the rest.
 */
final class ExporterSidecar implements Sidecar {
    private static final Logger LOG = LoggerFactory.getLogger(ExporterSidecar.class);

    private final ExporterSettings settings;
    private final Scrapes scrapes;
    private final CatalogWatch collectors;
    private final HostWatch host;
    private final WebAccess web;
    private final PrometheusMeterRegistry meters;
    private final String version;

    private volatile @Nullable AdminServer server;

    ExporterSidecar(
            ExporterSettings settings,
            Scrapes scrapes,
            CatalogWatch collectors,
            HostWatch host,
            WebAccess web,
            PrometheusMeterRegistry meters,
            String version) {
        this.settings = settings;
        this.scrapes = scrapes;
        this.collectors = collectors;
        this.host = host;
        this.web = web;
        this.meters = meters;
        this.version = version;
    }

    @Override
    public void start() throws IOException {
        InetSocketAddress address = new InetSocketAddress(settings.adminAddress(), settings.adminPort());
        Optional<HttpsConfigurator> tls = web.tls();
        AdminServer bound = tls.isPresent() ? AdminServer.bind(address, tls.get()) : AdminServer.bind(address);
        server = bound;
        scrapes.start();
        host.start();
        collectors.start();
        web.start();
        bound.gate(web)
                .health(this::health)
                .handle(
                        "/metrics",
                        new MetricsHandler(this::scrape, this::own, meters::scrape, settings.scrapeDeadline()))
                .handle("/", new LandingPage(version, this::health))
                .start();
        LOG.info("exporter serves address={} tls={}", bound.address(), tls.isPresent());
    }

    /** What is known of the exporter itself besides its scrapes. */
    private List<MetricFamily> own() {
        List<MetricFamily> own = new ArrayList<>(ProcessFamilies.read());
        if (web.configured() || collectors.configured()) {
            own.add(reloads());
        }
        web.certificateExpiry()
                .ifPresent(expiry -> own.add(OwnMetric.CERTIFICATE_EXPIRY.of((double) expiry.getEpochSecond())));
        return own;
    }

    private MetricFamily reloads() {
        MetricFamily.Builder reloads = OwnMetric.RELOAD_SUCCESSFUL.builder();
        if (collectors.configured()) {
            reloads.add(
                    LabelText.of("configuration", "collectors"),
                    collectors.problem().isEmpty() ? 1 : 0);
        }
        if (web.configured()) {
            reloads.add(LabelText.of("configuration", "web"), web.problem().isEmpty() ? 1 : 0);
        }
        return reloads.build();
    }

    private Scrape scrape(Duration deadline) {
        return scrapes.scrape(deadline).with(host.families());
    }

    @Override
    public Health health() {
        if (server == null) {
            return Health.notReady("not started");
        }
        Map<String, String> details = new HashMap<>(Map.of("postgres", scrapes.describeServer()));
        collectors.problem().ifPresent(problem -> details.put("collectors", problem));
        web.problem().ifPresent(problem -> details.put("web configuration", problem));
        return Health.ready(details);
    }

    @Override
    public void stop() {
        AdminServer bound = server;
        if (bound != null) {
            bound.close();
        }
        web.close();
        collectors.close();
        scrapes.close();
        host.close();
    }
}
