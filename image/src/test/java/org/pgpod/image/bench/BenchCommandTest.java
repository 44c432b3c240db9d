package org.pgpod.image.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchCommandTest {
    private final StringWriter err = new StringWriter();

    private int execute(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void anUnknownCaseIsRefusedWithThoseThatThereAre() {
        assertThat(execute("failover", "--cases", "kill-9,earthquake")).isEqualTo(2);
        assertThat(err.toString()).contains("--cases is 'earthquake'").contains("kill-9, partition");
    }

    @Test
    void anUnknownPresetIsRefusedBeforeAnythingStarts() {
        assertThat(execute("failover", "--preset", "slow")).isEqualTo(2);
        assertThat(err.toString()).contains("--preset is 'slow'; allowed are fast, normal, wide");
    }

    @Test
    void atLeastOneRoundIsNeeded() {
        assertThat(execute("switchover", "--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--rounds is 0; it must be 1 or more");
    }

    @Test
    void anUnknownBenchmarkIsRefusedWithThoseThatThereAre() {
        assertThat(execute("log")).isEqualTo(2);
        assertThat(err.toString()).contains("NAME is 'log'; allowed are failover, switchover, proxy, exporter, logs");
    }

    @Test
    void everyCaseIsDocumented() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "reference", "bench.md"));
        assertThat(FailoverCase.texts()).allSatisfy(text -> assertThat(page).contains("| `" + text + "` |"));
    }
}
