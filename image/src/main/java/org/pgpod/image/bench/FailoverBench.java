package org.pgpod.image.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.pgpod.image.local.LocalCluster;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.LocalPod;
import org.pgpod.image.local.Waiting;
import org.pgpod.image.local.Writer;

/** How long writers wait, and what they lose, when everything in the primary's pod gets {@code kill -9} at once. */
final class FailoverBench {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int ROWS_BETWEEN = 500;

    private final List<String> presets;
    private final int rounds;

    FailoverBench(List<String> presets, int rounds) {
        this.presets = List.copyOf(presets);
        this.rounds = rounds;
    }

    List<BenchRow> run(Consumer<String> progress) throws IOException, InterruptedException {
        List<BenchRow> rows = new ArrayList<>();
        for (String preset : presets) {
            List<Double> gaps = new ArrayList<>();
            List<Double> lost = new ArrayList<>();
            try (LocalCluster cluster = LocalCluster.start(LocalLayout.standard(), preset, progress)) {
                cluster.awaitFormed();
                measure(cluster, preset, gaps, lost, progress);
            } catch (SQLException failed) {
                throw new IOException("the writer failed: " + failed.getMessage(), failed);
            }
            String scenario = "kill-9 " + preset;
            rows.add(BenchRow.of("failover", scenario, "pgpod", "write-gap", "s", gaps));
            rows.add(BenchRow.of("failover", scenario, "pgpod", "lost-rows", "count", lost));
        }
        return rows;
    }

    private void measure(
            LocalCluster cluster, String preset, List<Double> gaps, List<Double> lost, Consumer<String> progress)
            throws IOException, InterruptedException, SQLException {
        try (Writer writer = new Writer(cluster)) {
            writer.start();
            long lostBefore = 0;
            for (int round = 1; round <= rounds; round++) {
                writer.awaitRows(ROWS_BETWEEN, LIMIT);
                LocalPod primary = cluster.primary().orElseThrow(() -> new IOException("there is no primary"));
                writer.lap();
                primary.kill();
                writer.awaitRows(ROWS_BETWEEN, LIMIT);
                double gap = writer.lap().longestGap().toMillis() / 1e3;
                long lostNow = writer.missing();
                gaps.add(gap);
                lost.add((double) (lostNow - lostBefore));
                progress.accept(
                        "round " + round + " " + preset + ": gap " + gap + " s, lost " + (lostNow - lostBefore));
                lostBefore = lostNow;
                primary.start();
                Waiting.until("every standby streams again", LIMIT, cluster::formed);
            }
        }
    }
}
