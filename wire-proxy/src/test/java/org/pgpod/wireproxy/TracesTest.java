package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.Collector;
import org.pgpod.wireproxy.testing.ProxyFixture;

/** Statements become spans in a real receiver of OTLP, and no statement waits for it. */
class TracesTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";
    private static final String COMMENT = " /*traceparent='00-" + TRACE + "-" + PARENT + "-01'*/";

    private static PostgresServer postgres;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Map<String, String> options(Collector collector, String ratio) {
        return Map.of(
                "clientTls",
                "allowed",
                "tracesEndpoint",
                collector.endpoint(),
                "tracesSampleRatio",
                ratio,
                "tracesQueryText",
                "normalized");
    }

    private static List<Span> awaitSpans(Collector collector, int count) {
        Await.until(count + " spans", () -> collector.spans().size() >= count);
        return collector.spans();
    }

    @Test
    void aStatementOfARecordedTraceIsASpanUnderItsClients() throws Exception {
        try (Collector collector = Collector.start();
                ProxyFixture proxy = ProxyFixture.start(postgres, options(collector, "0"));
                Connection connection = proxy.connect(Map.of("sslmode", "disable", "preferQueryMode", "simple"));
                Statement statement = connection.createStatement()) {
            Instant before = Instant.now();
            statement.execute("select 'hunter2', pg_sleep(0.2)" + COMMENT);
            statement.execute("select 'without a trace'");
            statement.execute("select 1" + COMMENT.replace("-01'", "-00'"));
            assertThatThrownBy(() -> statement.execute("insert into nowhere values ('hunter2')" + COMMENT))
                    .isInstanceOf(SQLException.class);
            List<Span> spans = awaitSpans(collector, 2);
            assertThat(spans).hasSize(2);
            Span first = spans.getFirst();
            assertThat(Collector.hex(first.getTraceId())).isEqualTo(TRACE);
            assertThat(Collector.hex(first.getParentSpanId())).isEqualTo(PARENT);
            assertThat(first.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
            assertThat(first.getName()).isEqualTo("SELECT postgres");
            assertThat(Duration.ofNanos(first.getEndTimeUnixNano() - first.getStartTimeUnixNano()))
                    .isBetween(Duration.ofMillis(200), Duration.ofMinutes(1));
            assertThat(first.getStartTimeUnixNano())
                    .isGreaterThanOrEqualTo(before.toEpochMilli() * 1_000_000L - 1_000_000L);
            assertThat(Collector.attributes(first))
                    .containsEntry("db.system.name", "postgresql")
                    .containsEntry("db.namespace", "postgres")
                    .containsEntry("db.operation.name", "SELECT")
                    .containsEntry("db.query.text", "select ?, pg_sleep(?)")
                    .containsEntry("server.address", "127.0.0.1")
                    .containsEntry("server.port", Integer.toString(proxy.port()))
                    .containsEntry("client.address", "127.0.0.1")
                    .containsKey("client.port")
                    .doesNotContainKey("db.response.status_code");
            Span failed = spans.getLast();
            assertThat(failed.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
            assertThat(Collector.attributes(failed))
                    .containsEntry("db.operation.name", "INSERT")
                    .containsEntry("db.response.status_code", "42P01")
                    .containsEntry("error.type", "42P01");
            assertThat(spans.toString()).doesNotContain("hunter2");
            assertThat(collector.resource())
                    .containsEntry("service.name", "wire-proxy")
                    .containsEntry("k8s.pod.name", "test-0");
            assertThat(openMetrics(proxy))
                    .containsPattern("statement_duration_seconds_bucket\\{.*command=\"select\".*# \\{.*trace_id=\""
                            + TRACE + "\"");
        }
    }

    private static String openMetrics(ProxyFixture proxy) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + proxy.adminPort() + "/metrics"))
                    .header("Accept", "application/openmetrics-text;version=1.0.0")
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    @Test
    void eachExecutionOfAPreparedStatementIsASpan() throws Exception {
        try (Collector collector = Collector.start();
                ProxyFixture proxy = ProxyFixture.start(postgres, options(collector, "1"));
                Connection connection = proxy.connect(Map.of("sslmode", "disable", "prepareThreshold", "1"));
                PreparedStatement statement = connection.prepareStatement("select ?::text || 'x'")) {
            for (int i = 0; i < 3; i++) {
                statement.setString(1, "hunter" + i);
                statement.execute();
            }
            Await.until("three spans", () -> executions(collector).size() == 3);
            List<Span> spans = executions(collector);
            assertThat(spans).allMatch(span -> span.getParentSpanId().isEmpty());
            assertThat(spans.stream().map(Span::getTraceId).distinct()).hasSize(3);
            assertThat(collector.spans().toString()).doesNotContain("hunter");
        }
    }

    private static List<Span> executions(Collector collector) {
        return collector.spans().stream()
                .filter(span -> Collector.attributes(span)
                        .getOrDefault("db.query.text", "")
                        .equals("select $1::text || ?"))
                .toList();
    }

    @Test
    void aCollectorThatDoesNotAnswerCostsSpansAndNoStatementAnyTime() throws Exception {
        try (Collector collector = Collector.stuck();
                ProxyFixture proxy = ProxyFixture.start(postgres, options(collector, "1"));
                Connection connection = proxy.connect(Map.of("sslmode", "disable", "preferQueryMode", "simple"));
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 4_000; i++) {
                statement.execute("select 1");
            }
            assertThat(proxy.metric("pgpod_proxy_spans_total{result=\"dropped\"}"))
                    .isGreaterThan(1_000);
            assertThat(collector.spans()).isEmpty();
        }
    }

    @Test
    void whatIsNoEndpointOrRatioIsRefused() {
        assertThatThrownBy(() -> ProxyFixture.prepare(postgres, Map.of("tracesEndpoint", "collector:4317")))
                .rootCause()
                .hasMessageContaining("wireProxy.tracesEndpoint is 'collector:4317'; it must be an address such as");
        assertThatThrownBy(() -> ProxyFixture.prepare(postgres, Map.of("tracesSampleRatio", "1.5")))
                .rootCause()
                .hasMessageContaining("wireProxy.tracesSampleRatio is '1.5'; it must be a number from 0 to 1");
    }
}
