package org.pgpod.wireproxy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.pgpod.wireproxy.protocol.SqlState;

class SqlStateCountsTest {
    @Test
    void aFloodOfStatesEndsInOneLabel() {
        SqlStateCounts counts = new SqlStateCounts();
        Map<String, LongAdder> shown = new TreeMap<>();
        counts.onAdded(shown::put);
        for (int i = 0; i < 1_000; i++) {
            counts.increment(SqlState.packed(String.format("Z%04d", i)));
        }
        counts.increment(SqlState.packed("Z0000"));
        assertThat(shown).hasSize(SqlStateCounts.STATES_MAX + 1);
        assertThat(shown)
                .hasEntrySatisfying("Z0000", count -> assertThat(count.sum()).isEqualTo(2));
        assertThat(shown)
                .hasEntrySatisfying(
                        SqlStateCounts.OVERFLOW,
                        count -> assertThat(count.sum()).isEqualTo(1_000 - SqlStateCounts.STATES_MAX));
    }

    @Test
    void whatIsNoSqlStateIsUnknown() {
        assertThat(SqlState.text(SqlState.NONE)).isEqualTo("unknown");
        assertThat(SqlState.text(SqlState.packed("ab\"\n}"))).isEqualTo("unknown");
        assertThat(SqlState.text(SqlState.packed("57P01"))).isEqualTo("57P01");
    }
}
