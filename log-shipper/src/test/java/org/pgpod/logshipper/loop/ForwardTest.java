package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** Sinks besides the store, each with its own position. */
class ForwardTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String POSTGRES_RECORD = """
            {"timestamp":"2026-11-05 10:00:00.007 UTC","user":"u","dbname":"d","pid":77,"remote_host":"10.0.0.9",\
            "remote_port":5000,"session_id":"690b1f20.4d","line_num":3,"error_severity":"ERROR","state_code":"23505",\
            "message":"duplicate key é漢😀","statement":"INSERT","query_id":-5,"future":{"a":[1,null]}}
            """;

    private static PostgresServer store;

    @BeforeAll
    static void startStore() {
        store = PostgresServer.start();
    }

    @AfterAll
    static void stopStore() {
        store.close();
    }

    @BeforeEach
    void emptyStore() {
        store.execute("DROP SCHEMA IF EXISTS pgpod_logs CASCADE");
    }

    private static Map<String, String> only(String... options) {
        Map<String, String> all = new HashMap<>(Map.of("sinkHost", "''"));
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        return all;
    }

    private static List<String> ids(Collector collector) {
        return collector.lines().stream()
                .map(line -> tree(line).path("id").asText())
                .toList();
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException malformed) {
            throw new AssertionError(text, malformed);
        }
    }

    /** The numbers of the sidecar lines that came, without those that came again. */
    private static boolean holdsLines(Collector collector, int end) {
        return new HashSet<>(collector.lines().stream()
                        .map(line -> tree(line).path("line").asInt(-1))
                        .toList())
                .containsAll(IntStream.range(0, end).boxed().toList());
    }

    @Test
    void collectorGetsLogRecordsOfOpenTelemetry() throws Exception {
        try (Pod pod = new Pod(store);
                Collector collector = new Collector()) {
            Files.createDirectories(pod.postgresLogs());
            Files.writeString(pod.postgresLogs().resolve("a.json"), POSTGRES_RECORD);
            Path token = Files.writeString(pod.sidecarLogs().resolveSibling("token"), "secret\n");
            pod.start(
                    PostgresServer.freePort(),
                    only("otlpUrl", collector.url("/v1/logs"), "otlpTokenFile", token.toString()));
            Await.until("a request", () -> !collector.accepted().isEmpty());
            Collector.Request request = collector.accepted().getFirst();
            assertThat(request.contentType()).isEqualTo("application/json");
            assertThat(request.authorization()).isEqualTo("Bearer secret");
            ExportLogsServiceRequest.Builder sent = ExportLogsServiceRequest.newBuilder();
            ProtobufJson.merge(tree(request.body()), sent);
            assertThat(sent.getResourceLogsCount()).isEqualTo(1);
            assertThat(attributes(sent.getResourceLogs(0).getResource().getAttributesList()))
                    .containsEntry("service.name", "c")
                    .containsEntry("k8s.namespace.name", "n")
                    .containsEntry("k8s.pod.name", "p-0")
                    .containsEntry("k8s.node.name", "machine");
            LogRecord record = sent.getResourceLogs(0).getScopeLogs(0).getLogRecords(0);
            assertThat(record.getTimeUnixNano()).isEqualTo(1_793_872_800_007_000_000L);
            assertThat(record.getSeverityNumber()).isEqualTo(SeverityNumber.SEVERITY_NUMBER_ERROR);
            assertThat(record.getSeverityText()).isEqualTo("ERROR");
            assertThat(record.getBody().getStringValue()).isEqualTo("duplicate key é漢😀");
            assertThat(attributes(record.getAttributesList()))
                    .containsEntry("db.namespace", "d")
                    .containsEntry("db.response.status_code", "23505")
                    .containsEntry("client.address", "10.0.0.9")
                    .containsEntry("client.port", "5000")
                    .containsEntry("postgresql.query_id", "-5")
                    .containsEntry("postgresql.extra", "{\"future\":{\"a\":[1,null]}}")
                    .doesNotContainKeys("postgresql.message", "postgresql.log_time")
                    .hasEntrySatisfying("log.record.uid", id -> assertThat(id).endsWith("/690b1f20.4d/3"));
        }
    }

    private static Map<String, String> attributes(List<KeyValue> pairs) {
        Map<String, String> attributes = new HashMap<>();
        for (KeyValue pair : pairs) {
            attributes.put(
                    pair.getKey(),
                    pair.getValue().hasIntValue()
                            ? Long.toString(pair.getValue().getIntValue())
                            : pair.getValue().getStringValue());
        }
        return attributes;
    }

    @Test
    void lokiGetsStreamsWithFewLabels() throws Exception {
        try (Pod pod = new Pod(store);
                Collector loki = new Collector()) {
            Files.createDirectories(pod.postgresLogs());
            Files.writeString(pod.postgresLogs().resolve("a.json"), POSTGRES_RECORD);
            pod.writeLines("exporter.jsonl", 0, 2);
            pod.start(PostgresServer.freePort(), only("lokiUrl", loki.url("/loki/api/v1/push"), "lokiTenant", "team"));
            List<JsonNode> streams = new ArrayList<>();
            Await.until("both streams", () -> {
                streams.clear();
                loki.accepted()
                        .forEach(request -> tree(request.body()).path("streams").forEach(streams::add));
                return streams.stream()
                                .mapToInt(stream -> stream.path("values").size())
                                .sum()
                        == 3;
            });
            assertThat(loki.accepted().getFirst().tenant()).isEqualTo("team");
            assertThat(streams.getFirst().path("stream"))
                    .isEqualTo(tree("{\"service_name\":\"c\",\"namespace\":\"n\",\"pod\":\"p-0\","
                            + "\"table\":\"postgres_log\",\"severity\":\"ERROR\"}"));
            assertThat(streams.getFirst().path("values").get(0).get(0).asText()).isEqualTo("1793872800007000000");
            JsonNode line = tree(streams.getFirst().path("values").get(0).get(1).asText());
            assertThat(line.path("extra").path("future").path("a").get(0).asInt())
                    .isEqualTo(1);
            assertThat(line.path("log_time").asText()).isEqualTo("2026-11-05T10:00:00.007Z");
        }
    }

    @Test
    void eachSinkGoesOnByItselfAndAfterRestarts() throws Exception {
        try (Pod pod = new Pod(store);
                Collector collector = new Collector()) {
            int port = PostgresServer.freePort();
            Map<String, String> options = Map.of("httpUrl", collector.url("/"));
            collector.answer(request -> 503);
            Sidecar first = pod.start(port, options);
            pod.writeLines("exporter.jsonl", 0, 100);
            Await.until("the store is not held up", () -> pod.holdsLines(100));
            Await.until("not ready", () -> Pod.get(port, "/readyz").startsWith("503"));
            assertThat(Pod.get(port, "/readyz")).contains("http.reason").contains("answered 503");
            assertThat(Pod.get(port, "/metrics"))
                    .contains("pgpod_log_sink_errors_total{sink=\"http\",state=\"http_503\"}");
            collector.answer(request -> 200);
            Await.until("ready", () -> Pod.get(port, "/readyz").startsWith("200"));
            Await.until("the collector has them too", () -> holdsLines(collector, 100));
            pod.stop(first);
            pod.writeLines("exporter.jsonl", 100, 150);
            pod.start(PostgresServer.freePort(), options);
            Await.until("what came after", () -> holdsLines(collector, 150));
            assertThat(ids(collector)).doesNotHaveDuplicates().hasSize(150);
        }
    }

    @Test
    void whatIsRefusedForGoodIsPutAsideAndTheRestArrives() throws Exception {
        try (Pod pod = new Pod(store);
                Collector collector = new Collector()) {
            collector.answer(request -> request.body().contains("\"line\":7,") ? 400 : 200);
            int port = PostgresServer.freePort();
            pod.writeLines("exporter.jsonl", 0, 40);
            pod.start(port, only("httpUrl", collector.url("/")));
            Path aside = pod.sidecarLogs().resolveSibling("refused-http.jsonl");
            Await.until("all others", () -> collector.lines().size() == 39);
            assertThat(ids(collector)).doesNotHaveDuplicates();
            assertThat(Files.readAllLines(aside))
                    .singleElement()
                    .satisfies(
                            line -> assertThat(tree(line).path("line").asInt()).isEqualTo(7));
            Await.until(
                    "it is counted",
                    () -> Pod.get(port, "/metrics")
                            .contains("pgpod_log_dead_letters_total{reason=\"refused\",sink=\"http\"} 1.0"));
        }
    }

    @Test
    void ofTwoShippersOneWaits() throws Exception {
        try (Pod pod = new Pod(store);
                Collector collector = new Collector()) {
            Map<String, String> options = only("httpUrl", collector.url("/"));
            Sidecar first = pod.start(PostgresServer.freePort(), options);
            Await.until("the first is ready", () -> first.health().ready());
            Sidecar second = pod.start(PostgresServer.freePort(), options);
            Await.until("the second waits", () -> second.health().toString().contains("is locked"));
            pod.writeLines("exporter.jsonl", 0, 10);
            Await.until("lines", () -> holdsLines(collector, 10));
            pod.stop(first);
            pod.writeLines("exporter.jsonl", 10, 20);
            Await.until("lines of the second", () -> holdsLines(collector, 20));
            assertThat(ids(collector)).doesNotHaveDuplicates();
        }
    }

    @Test
    void killedShippersPassNothingOver() throws Exception {
        try (Pod pod = new Pod(store);
                Collector collector = new Collector()) {
            Path configuration = pod.configuration(
                    PostgresServer.freePort(), only("httpUrl", collector.url("/"), "forwardRequestBytes", "4096"));
            int written = 0;
            for (int kill = 0; kill < 5; kill++) {
                Process shipper = ShipperProcess.start(configuration);
                int before = collector.accepted().size();
                pod.writeLines("exporter.jsonl", written, written + 2_000);
                written += 2_000;
                Await.until("some requests", () -> collector.accepted().size() > before + 3);
                shipper.destroyForcibly().waitFor();
            }
            pod.start(PostgresServer.freePort(), only("httpUrl", collector.url("/")));
            int all = written;
            Await.until("all lines", () -> holdsLines(collector, all));
            assertThat(new HashSet<>(ids(collector))).hasSize(all);
        }
    }

    @Test
    void configurationThatSaysNowhereIsRefused() throws Exception {
        try (Pod pod = new Pod(store)) {
            assertThatThrownBy(() -> pod.start(1, only()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("nowhere to ship to");
            assertThatThrownBy(() -> pod.start(1, only("httpUrl", "ftp://x/")))
                    .hasMessageContaining("httpUrl")
                    .hasMessageContaining("ftp://x/");
            assertThatThrownBy(() ->
                            pod.start(1, Map.of("stdout", "true", "bufferBytes", "1MiB", "recordBytesMax", "200KiB")))
                    .hasMessageContaining("recordBytesMax");
        }
    }
}
