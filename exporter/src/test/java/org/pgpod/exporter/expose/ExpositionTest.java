package org.pgpod.exporter.expose;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        ExpositionBuffer buffer = new ExpositionBuffer();
        buffer.family(MetricFamily.of("pg_x", MetricType.GAUGE, "X.", value));
        assertThat(buffer.toString()).isEqualTo("# HELP pg_x X.\n# TYPE pg_x gauge\npg_x " + text + "\n");
    }

    @Test
    void everyLineIsWellFormedAlsoBeyondTheFirstCapacity() {
        MetricFamily.Builder builder = new MetricFamily.Builder("pg_x", MetricType.COUNTER, "a\\b\nc");
        for (int i = 0; i < 5_000; i++) {
            builder.add(LabelText.of("name", "Größe-" + i), i);
        }
        ExpositionBuffer buffer = new ExpositionBuffer();
        buffer.family(builder.build());
        assertThat(buffer.toString().lines())
                .hasSize(5_002)
                .startsWith("# HELP pg_x a\\\\b\\nc", "# TYPE pg_x counter", "pg_x{name=\"Größe-0\"} 0")
                .endsWith("pg_x{name=\"Größe-4999\"} 4999");
    }

    @Test
    void aFamilyWithoutSeriesIsNotShown() {
        ExpositionBuffer buffer = new ExpositionBuffer();
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
