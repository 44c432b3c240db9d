package org.pgpod.exporter.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.exporter.model.HistogramValue;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.MetricType;

/** The JSON form of OTLP's metrics. Source: opentelemetry-proto, metrics.proto. */
class OtlpMetricsTest {
    private static final Instant TIME = Instant.ofEpochSecond(1_700_000_000L, 5);

    @TempDir
    private Path directory;

    private static List<MetricFamily> families() {
        return List.of(
                new MetricFamily.Builder("pg_commits_total", MetricType.COUNTER, "Commits.")
                        .add(
                                new LabelText()
                                        .add("datname", "a\"b\\c\nd")
                                        .add("x", "")
                                        .toString(),
                                3)
                        .build(),
                new MetricFamily.Builder("pg_size_bytes", MetricType.GAUGE, "Size.")
                        .add("", 0.25)
                        .add(LabelText.of("datname", "b"), Double.NaN)
                        .build(),
                new MetricFamily.Builder("pg_wait_seconds", MetricType.HISTOGRAM, "Waits.")
                        .add("", HistogramValue.of(List.of(1.0, 2.5), List.of(3.0, 4.0), 8.25, 9))
                        .build());
    }

    private static JsonNode written(List<PointSlice> slices) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        new OtlpMetrics(Map.of("service.name", "demo"), "0.1.0").write(slices, TIME, body);
        return JsonMapper.builder().build().readTree(body.toByteArray());
    }

    @Test
    void everyTypeHasItsForm() throws Exception {
        JsonNode resource = written(PointSlice.cut(families(), 100).getFirst())
                .path("resourceMetrics")
                .path(0);
        assertThat(resource.path("resource").toString())
                .isEqualTo("{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"demo\"}}]}");
        JsonNode metrics = resource.path("scopeMetrics").path(0).path("metrics");
        assertThat(metrics.path(0).toString())
                .isEqualTo("{\"name\":\"pg_commits_total\",\"description\":\"Commits.\",\"sum\":{"
                        + "\"aggregationTemporality\":2,\"isMonotonic\":true,\"dataPoints\":[{\"attributes\":["
                        + "{\"key\":\"datname\",\"value\":{\"stringValue\":\"a\\\"b\\\\c\\nd\"}},"
                        + "{\"key\":\"x\",\"value\":{\"stringValue\":\"\"}}],"
                        + "\"timeUnixNano\":\"1700000000000000005\",\"asDouble\":3.0}]}}");
        assertThat(metrics.path(1).path("gauge").path("dataPoints").findValuesAsText("asDouble"))
                .containsExactly("0.25", "NaN");
        assertThat(metrics.path(2).path("histogram").toString())
                .isEqualTo("{\"aggregationTemporality\":2,\"dataPoints\":[{\"attributes\":[],"
                        + "\"timeUnixNano\":\"1700000000000000005\",\"count\":\"9\",\"sum\":8.25,"
                        + "\"bucketCounts\":[\"3\",\"1\",\"5\"],\"explicitBounds\":[1.0,2.5]}]}");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 100})
    void requestsAreBoundedAndHoldEverySeriesOnce(int most) {
        List<MetricFamily> families = new ArrayList<>(families());
        families.addAll(families());
        List<List<PointSlice>> requests = PointSlice.cut(families, most);
        assertThat(requests).allSatisfy(slices -> {
            int series =
                    slices.stream().mapToInt(slice -> slice.to() - slice.from()).sum();
            boolean oneHistogram =
                    slices.size() == 1 && slices.getFirst().family().type() == MetricType.HISTOGRAM;
            assertThat(series).isPositive();
            assertThat(series <= most || oneHistogram).isTrue();
        });
        List<String> sent = new ArrayList<>();
        requests.forEach(slices -> slices.forEach(slice -> {
            for (int i = slice.from(); i < slice.to(); i++) {
                sent.add(slice.family().name() + slice.family().part(i));
            }
        }));
        List<String> all = new ArrayList<>();
        families.forEach(family -> {
            for (int i = 0; i < family.size(); i++) {
                all.add(family.name() + family.part(i));
            }
        });
        assertThat(sent).isEqualTo(all);
    }

    @Test
    void headersAreReadFromAFile() throws Exception {
        Path file = Files.writeString(
                directory.resolve("headers"), "# for the collector\nAuthorization: Bearer a:b\n\nX-Scope: demo\n");
        assertThat(RequestHeaders.read(file))
                .containsOnly(Map.entry("Authorization", "Bearer a:b"), Map.entry("X-Scope", "demo"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret",
                "Bad Name: secret",
                ": secret",
                "A: secret\nA: secret",
                "Host: secret",
                "A: secret\u0007"
            })
    void aHeaderThatIsNoneIsRefusedWithoutItsValue(String lines) throws Exception {
        Path file = Files.writeString(directory.resolve("headers"), lines);
        assertThatThrownBy(() -> RequestHeaders.read(file))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("line ")
                .hasMessageNotContaining("secret");
    }
}
