package org.pgpod.image.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchTableTest {
    @Test
    void theSummaryHasOneLineForEachCaseAndSubjectWithAllLostRowsTogether() {
        StringWriter text = new StringWriter();
        BenchTable.summary(
                List.of(
                        BenchRow.of("failover", "kill-9 fast", "pgpod", "write-gap", "s", List.of(7.0, 9.0, 8.0)),
                        BenchRow.of("failover", "kill-9 fast", "pgpod", "lost-rows", "count", List.of(0.0, 2.0, 1.0)),
                        BenchRow.of("failover", "kill-9 default", "peer", "write-gap", "s", List.of(31.0))),
                new PrintWriter(text, true));
        List<String> lines =
                text.toString().lines().filter(line -> !line.isEmpty()).toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).matches("kill-9 fast +pgpod +8\\.00 s +7\\.00–9\\.00 s +3 +3");
        assertThat(lines.get(2)).matches("kill-9 default +peer +31\\.00 s +31\\.00–31\\.00 s +1 +-");
    }
}
