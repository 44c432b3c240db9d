package org.pgpod.core.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.telemetry.MetricsRegistry;

class AdminServerTest {
    private final AtomicReference<Health> health = new AtomicReference<>(Health.ready(Map.of("role", "primary")));
    private AdminServer server;

    @BeforeEach
    void start() throws Exception {
        MetricsRegistry registry = new MetricsRegistry("0.1.0");
        registry.meters().counter("pgpod.sample").increment();
        server = AdminServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .health(health::get)
                .metrics(registry::scrape)
                .handle("/surprise", exchange -> {
                    throw new IllegalStateException("surprise");
                })
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void readinessFollowsHealthAndShowsItsDetails() throws Exception {
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").body()).isEqualTo("ok\nrole: primary\n");
        health.set(Health.notReady("no lease"));
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/readyz").body()).contains("reason: no lease");
        assertThat(get("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsAreInThePrometheusFormat() throws Exception {
        HttpResponse<String> response = get("/metrics");
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(response.body()).contains("pgpod_sample_total 1.0", "jvm_memory_used_bytes", "pgpod_build_info");
    }

    @Test
    void unknownPathsAre404() throws Exception {
        assertThat(get("/livez/more").statusCode()).isEqualTo(404);
        assertThat(get("/else").statusCode()).isEqualTo(404);
    }

    @Test
    void aPortInUseIsOneClearSentence() {
        assertThatIOException()
                .isThrownBy(() -> AdminServer.bind(server.address()))
                .withMessageContaining("cannot listen on")
                .withMessageContaining(":" + server.address().getPort());
    }
}
