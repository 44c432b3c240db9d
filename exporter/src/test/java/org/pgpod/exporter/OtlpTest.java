package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** Metrics arrive at a collector by OTLP, and whatever the collector does, scrapes do not notice. */
class OtlpTest {
    private static final String SENT = "pgpod_exporter_otlp_pushes_total{outcome=\"sent\"}";
    private static final String FAILED = "pgpod_exporter_otlp_pushes_total{outcome=\"failed\"}";

    private static PostgresServer server;

    @TempDir
    private Path directory;

    private final Map<String, JsonNode> metrics = new ConcurrentHashMap<>();
    private final Map<String, String> seen = new ConcurrentHashMap<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer collector;
    private volatile String answer = "{}";
    private volatile int status = 200;

    @BeforeAll
    static void startServer() {
        server = RunningExporter.prepared(PostgresServer.start());
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void startCollector() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        collector.createContext("/v1/metrics", this::take);
        collector.start();
    }

    @AfterEach
    void stopCollector() {
        over.countDown();
        collector.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode body = JsonMapper.builder().build().readTree(new GZIPInputStream(exchange.getRequestBody()));
            exchange.getRequestHeaders().forEach((name, values) -> seen.put(name, values.getFirst()));
            JsonNode resource = body.path("resourceMetrics").path(0);
            seen.put("resource", resource.path("resource").toString());
            resource.path("scopeMetrics")
                    .path(0)
                    .path("metrics")
                    .forEach(metric -> metrics.put(metric.path("name").asText(), metric));
            byte[] text = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    private JsonNode metric(String name) {
        return Objects.requireNonNull(metrics.get(name), name);
    }

    private RunningExporter exporter(String... options) throws Exception {
        Map<String, String> all = new TreeMap<>(Map.of(
                "otlpEndpoint",
                "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/metrics",
                "otlpInterval",
                "1s"));
        for (String option : options) {
            String[] words = option.split(": ", 2);
            all.put(words[0], words[1]);
        }
        return RunningExporter.on(
                server,
                all.entrySet().stream()
                        .map(option -> option.getKey() + ": " + option.getValue())
                        .toArray(String[]::new));
    }

    @Test
    void whatAScrapeShowsArrives() throws Exception {
        Path headers = Files.writeString(directory.resolve("headers"), "Authorization: Bearer secret\n");
        try (RunningExporter exporter = exporter("otlpHeadersFile: " + headers, "enabledCollectors: [process_idle]")) {
            Await.until(
                    "metrics of all kinds",
                    () -> metrics.keySet()
                            .containsAll(List.of(
                                    "pg_up", "pg_process_idle_seconds", "pg_database_size_bytes", "process_open_fds")));
            assertThat(metric("pg_up")
                            .path("gauge")
                            .path("dataPoints")
                            .path(0)
                            .path("asDouble")
                            .asDouble())
                    .isEqualTo(1);
            assertThat(metric("pg_stat_database_xact_commit")
                            .path("sum")
                            .path("dataPoints")
                            .size())
                    .isPositive();
            assertThat(metric("pg_process_idle_seconds")
                            .path("histogram")
                            .path("dataPoints")
                            .path(0)
                            .path("bucketCounts")
                            .size())
                    .isEqualTo(10);
            assertThat(seen)
                    .containsEntry("Authorization", "Bearer secret")
                    .containsEntry("Content-type", "application/json");
            assertThat(seen.get("resource"))
                    .contains("{\"key\":\"service.name\",\"value\":{\"stringValue\":\"demo\"}}")
                    .contains("{\"key\":\"k8s.pod.name\",\"value\":{\"stringValue\":\"demo-0\"}}");
            Await.until("it is counted", () -> exporter.scrape().value(SENT) >= 1);
            assertThat(exporter.scrape().value(FAILED)).isZero();
        }
    }

    @Test
    void whatTheCollectorRejectsIsCounted() throws Exception {
        answer = "{\"partialSuccess\":{\"rejectedDataPoints\":\"7\",\"errorMessage\":\"too old\"}}";
        try (RunningExporter exporter = exporter()) {
            Await.until("rejected", () -> exporter.scrape().value("pgpod_exporter_otlp_rejected_points_total") >= 7);
            assertThat(exporter.scrape().value(FAILED)).isZero();
        }
    }

    @Test
    void aCollectorThatRefusesIsCountedAndTriedAgain() throws Exception {
        status = 503;
        try (RunningExporter exporter = exporter()) {
            Await.until("failed", () -> exporter.scrape().value(FAILED) >= 1);
            status = 200;
            Await.until("sent", () -> exporter.scrape().value(SENT) >= 1);
        }
    }

    @Test
    void aCollectorThatHangsDelaysNoScrape() throws Exception {
        collector.removeContext("/v1/metrics");
        collector.createContext("/v1/metrics", exchange -> {
            seen.put("hangs", "");
            try {
                over.await();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        });
        try (RunningExporter exporter = exporter("otlpTimeout: 5min")) {
            Await.until("it hangs", () -> seen.containsKey("hangs"));
            for (int i = 0; i < 10; i++) {
                Page page = exporter.scrape();
                assertThat(page.millis()).isLessThan(2_000);
                assertThat(page.value(SENT)).isZero();
            }
        }
    }
}
