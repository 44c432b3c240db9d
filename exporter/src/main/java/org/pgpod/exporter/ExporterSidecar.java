package org.pgpod.exporter;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.exporter.expose.LandingPage;
import org.pgpod.exporter.expose.MetricsHandler;
import org.pgpod.exporter.loop.HostWatch;
import org.pgpod.exporter.loop.Scrapes;
import org.pgpod.exporter.model.Scrape;
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
    private final HostWatch host;
    private final PrometheusMeterRegistry meters;
    private final String version;

    private volatile @Nullable AdminServer server;

    ExporterSidecar(
            ExporterSettings settings,
            Scrapes scrapes,
            HostWatch host,
            PrometheusMeterRegistry meters,
            String version) {
        this.settings = settings;
        this.scrapes = scrapes;
        this.host = host;
        this.meters = meters;
        this.version = version;
    }

    @Override
    public void start() throws IOException {
        AdminServer bound = AdminServer.bind(new InetSocketAddress(settings.adminAddress(), settings.adminPort()));
        server = bound;
        scrapes.start();
        host.start();
        bound.health(this::health)
                .handle("/metrics", new MetricsHandler(this::scrape, meters::scrape, settings.scrapeDeadline()))
                .handle("/", new LandingPage(version, this::health))
                .start();
        LOG.info("exporter serves address={}", bound.address());
    }

    private Scrape scrape(Duration deadline) {
        return scrapes.scrape(deadline).with(host.families());
    }

    @Override
    public Health health() {
        return server == null
                ? Health.notReady("not started")
                : Health.ready(Map.of("postgres", scrapes.describeServer()));
    }

    @Override
    public void stop() {
        AdminServer bound = server;
        if (bound != null) {
            bound.close();
        }
        scrapes.close();
        host.close();
    }
}
