package org.pgpod.exporter.expose;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.exporter.model.ExpositionFormat;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.MetricType;

class ExpositionTest {
    private static final Duration MOST = Duration.ofSeconds(3);

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, 0",
        "-1, -1",
        "10, 10",
        "999999999999999, 999999999999999",
        "9007199254740993e3, 9.007199254740993E18",
        "0.25, 0.25",
        "NaN, NaN",
        "Infinity, +Inf",
        "-Infinity, -Inf"
    })
    void numbersReadBackAsTheyWere(double value, String text) {
        ExpositionBuffer buffer = new ExpositionBuffer(ExpositionFormat.TEXT, Set.of());
        buffer.family(MetricFamily.of("pg_x", MetricType.GAUGE, "X.", value));
        assertThat(buffer.toString()).isEqualTo("# HELP pg_x X.\n# TYPE pg_x gauge\npg_x " + text + "\n");
    }

    @Test
    void everyLineIsWellFormedAlsoBeyondTheFirstCapacity() {
        MetricFamily.Builder builder = new MetricFamily.Builder("pg_x", MetricType.COUNTER, "a\\b\nc");
        for (int i = 0; i < 5_000; i++) {
            builder.add(LabelText.of("name", "Größe-" + i), i);
        }
        ExpositionBuffer buffer = new ExpositionBuffer(ExpositionFormat.TEXT, Set.of());
        buffer.family(builder.build());
        assertThat(buffer.toString().lines())
                .hasSize(5_002)
                .startsWith("# HELP pg_x a\\\\b\\nc", "# TYPE pg_x counter", "pg_x{name=\"Größe-0\"} 0")
                .endsWith("pg_x{name=\"Größe-4999\"} 4999");
    }

    @Test
    void openMetricsKeepsTheNamesOfSeries() {
        ExpositionBuffer buffer = new ExpositionBuffer(ExpositionFormat.OPEN_METRICS, Set.of("pg_size_bytes"));
        buffer.family(MetricFamily.of("pg_x_seconds_total", MetricType.COUNTER, "Say \"x\".", 1));
        buffer.family(MetricFamily.of("pg_stat_database_xact_commit", MetricType.COUNTER, "Commits.", 2));
        buffer.family(MetricFamily.of("pg_size_bytes_total", MetricType.COUNTER, "Another size.", 4));
        buffer.family(MetricFamily.of("pg_size_bytes", MetricType.GAUGE, "Size.", 3));
        buffer.family(MetricFamily.of("pg_static", MetricType.UNTYPED, "Version.", 1));
        buffer.family(MetricFamily.of("pg_database_wraparound_age_datfrozenxid_seconds", MetricType.GAUGE, "Age.", 5));
        buffer.end();
        assertThat(buffer).hasToString("""
                # HELP pg_x_seconds Say \\"x\\".
                # TYPE pg_x_seconds counter
                # UNIT pg_x_seconds seconds
                pg_x_seconds_total 1
                # HELP pg_stat_database_xact_commit Commits.
                # TYPE pg_stat_database_xact_commit unknown
                pg_stat_database_xact_commit 2
                # HELP pg_size_bytes_total Another size.
                # TYPE pg_size_bytes_total unknown
                pg_size_bytes_total 4
                # HELP pg_size_bytes Size.
                # TYPE pg_size_bytes gauge
                # UNIT pg_size_bytes bytes
                pg_size_bytes 3
                # HELP pg_static Version.
                # TYPE pg_static unknown
                pg_static 1
                # HELP pg_database_wraparound_age_datfrozenxid_seconds Age.
                # TYPE pg_database_wraparound_age_datfrozenxid_seconds gauge
                pg_database_wraparound_age_datfrozenxid_seconds 5
                # EOF
                """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    application/openmetrics-text | OPEN_METRICS
                    application/openmetrics-text; version=1.0.0; charset=utf-8 | OPEN_METRICS
                    application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1 | OPEN_METRICS
                    application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5 | TEXT
                    application/openmetrics-text;version=2.0.0;q=0.75,text/plain;q=0.5 | TEXT
                    application/openmetrics-text;q=0.4,text/plain;q=0.5 | TEXT
                    text/plain,application/openmetrics-text | TEXT
                    application/openmetrics-text;q=0 | TEXT
                    application/openmetrics-text;q=high | TEXT
                    application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;q=0.5 | OPEN_METRICS
                    text/html,*/*;q=0.8 | TEXT
                    image/png | TEXT
                    ,;= | TEXT
                    """)
    void theFormatThatIsPreferredIsTaken(String accept, ExpositionFormat format) {
        Headers headers = new Headers();
        headers.add("Accept", accept);
        assertThat(ContentNegotiation.of(headers)).isEqualTo(new ContentNegotiation(format, false));
        assertThat(ContentNegotiation.of(new Headers()))
                .isEqualTo(new ContentNegotiation(ExpositionFormat.TEXT, false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    gzip | true
                    gzip, deflate, br | true
                    zstd, gzip;q=0.5 | true
                    gzip;q=0 | false
                    gzip;q=0.5, identity | false
                    identity;q=0.5, gzip | true
                    deflate | false
                    """)
    void pagesAreCompressedForWhoWantsThat(String accept, boolean gzip) {
        Headers headers = new Headers();
        headers.add("Accept-Encoding", accept);
        assertThat(ContentNegotiation.of(headers)).isEqualTo(new ContentNegotiation(ExpositionFormat.TEXT, gzip));
    }

    @Test
    void aFamilyWithoutSeriesIsNotShown() {
        ExpositionBuffer buffer = new ExpositionBuffer(ExpositionFormat.TEXT, Set.of());
        buffer.family(new MetricFamily.Builder("pg_x", MetricType.GAUGE, "X.").build());
        assertThat(buffer.length()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"10, 3000", "2, 1500", "0.2, 100", "x, 3000", "-1, 3000", "NaN, 3000", "1e300, 3000"})
    void theScrapersPatienceCountsWhenItIsShorter(String header, long millis) {
        assertThat(MetricsHandler.deadline(header, MOST)).hasMillis(millis);
        assertThat(MetricsHandler.deadline(null, MOST)).isEqualTo(MOST);
    }
}
