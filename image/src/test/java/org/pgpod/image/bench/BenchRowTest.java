package org.pgpod.image.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchRowTest {
    @Test
    void medianOfAnEvenNumberOfRoundsLiesBetweenTheMiddleTwo() {
        BenchRow row =
                BenchRow.of("proxy", "8-clients plain", "direct", "throughput", "tps", List.of(4.0, 1.0, 3.0, 8.0));
        assertThat(row.median()).isEqualTo(3.5);
        assertThat(row.min()).isEqualTo(1.0);
        assertThat(row.max()).isEqualTo(8.0);
        assertThat(row.values()).containsExactly(4.0, 1.0, 3.0, 8.0);
    }

    @Test
    void theFileHasTheDocumentedFields() throws Exception {
        BenchRow row = BenchRow.of("failover", "kill-9 fast", "pgpod", "write-gap", "s", List.of(7.5));
        assertThat(new ObjectMapper().readTree(new ObjectMapper().writeValueAsString(row)))
                .isEqualTo(new ObjectMapper().readTree("""
                        {"bench":"failover","case":"kill-9 fast","subject":"pgpod","metric":"write-gap","unit":"s",
                         "values":[7.5],"median":7.5,"min":7.5,"max":7.5}"""));
    }

    @Test
    void aRowWithoutRoundsIsABug() {
        assertThatIllegalArgumentException().isThrownBy(() -> BenchRow.of("b", "c", "s", "m", "u", List.of()));
    }
}
