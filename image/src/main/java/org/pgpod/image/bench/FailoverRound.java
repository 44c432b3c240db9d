package org.pgpod.image.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.NamespaceNetwork;
import org.pgpod.image.local.PodNetwork;
import org.pgpod.image.local.Waiting;

/** One round: a fault, what the clients saw of it, and the cluster whole again. */
final class FailoverRound {
    static final String WRITE_GAP = "write-gap s";
    static final String RECOVERY = "recovery s";
    static final String LOST_ROWS = "lost-rows count";
    static final String FAILED = "failed-transactions count";
    static final String ISOLATED_COMMITS = "isolated-commits count";
    static final String ISOLATED_WRITES = "isolated-writes s";

    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int ROWS_BETWEEN = 500;

    /** From the member's last byte to the client's clock, on a machine that has more to do. */
    static final Duration TRANSIT = Duration.ofMillis(100);

    /** How long an isolated member is watched after its right to write has ended. */
    static final Duration WATCH = Duration.ofSeconds(5);

    private final Subject subject;
    private final PodNetwork network;
    private final Load load;
    private int lostBefore;

    FailoverRound(Subject subject, PodNetwork network, Load load) {
        this.subject = subject;
        this.network = network;
        this.load = load;
    }

    /** The figures of one round, by metric and unit. */
    Map<String, Double> run(FailoverCase fault) throws IOException, InterruptedException, SQLException {
        load.awaitRows(ROWS_BETWEEN, LIMIT);
        int primary = subject.primary().orElseThrow(() -> new IOException("there is no primary"));
        Map<String, Double> figures = new LinkedHashMap<>();
        load.lap();
        long begun = System.nanoTime();
        switch (fault) {
            case KILL_9, API_LATENCY -> {
                subject.kill(primary);
                awaitAnother(primary);
            }
            case POSTGRES_CRASH -> {
                long failedBefore = load.failedEver();
                subject.killPostmaster(primary);
                // Whether the same server comes back or another takes over is the subject's own affair.
                Waiting.until("a client notices", LIMIT, () -> load.failedEver() > failedBefore);
            }
            case CLEAN_DELETION -> {
                subject.delete(primary);
                awaitAnother(primary);
            }
            case PARTITION -> partition(primary, figures);
            case SWITCHOVER -> {
                subject.switchover(primary);
                awaitAnother(primary);
            }
            case FALSE_FAILOVERS -> throw new IllegalArgumentException(fault.text() + " has no rounds");
        }
        load.awaitRows(ROWS_BETWEEN, LIMIT);
        record(figures, begun, fault);
        recover(fault, primary);
        return figures;
    }

    private void record(Map<String, Double> figures, long begun, FailoverCase fault) throws SQLException {
        Load.Lap lap = load.lap();
        figures.put(WRITE_GAP, seconds(lap.longestStall().toNanos()));
        if (fault != FailoverCase.SWITCHOVER) {
            figures.put(RECOVERY, seconds(lap.stallEndNanos() - begun));
        }
        figures.put(FAILED, (double) lap.failed());
        int lost = load.lost();
        figures.put(LOST_ROWS, (double) (lost - lostBefore));
        lostBefore = lost;
    }

    private void awaitAnother(int than) throws IOException, InterruptedException {
        Waiting.until("another primary", LIMIT, () -> {
            Optional<Integer> now = subject.primary();
            return now.isPresent() && now.get() != than;
        });
    }

    private void recover(FailoverCase fault, int member) throws IOException, InterruptedException {
        switch (fault) {
            case KILL_9, API_LATENCY, CLEAN_DELETION -> subject.start(member);
            case PARTITION -> requireCuttable().heal(LocalLayout.host(member));
            case POSTGRES_CRASH, SWITCHOVER, FALSE_FAILOVERS -> {}
        }
        Waiting.until("every standby streams again", LIMIT, subject::formed);
    }

    private NamespaceNetwork requireCuttable() {
        if (network instanceof NamespaceNetwork cuttable) {
            return cuttable;
        }
        throw new IllegalStateException("this network cannot be cut");
    }

    /** Cuts the member off while a second client, which knows only that member, goes on writing there. */
    private void partition(int member, Map<String, Double> figures)
            throws IOException, InterruptedException, SQLException {
        try (Load isolated = new Load(subject.route(member), "isolated", 1)) {
            isolated.prepare();
            isolated.start();
            isolated.awaitRows(1, LIMIT);
            requireCuttable().cut(LocalLayout.host(member));
            long cut = System.nanoTime();
            long ends = awaitEndOfWriteRight(subject, member, cut);
            awaitAnother(member);
            Waiting.until("the isolated member watched", LIMIT, () -> System.nanoTime() - ends > WATCH.toNanos());
            figures.put(ISOLATED_COMMITS, (double) isolated.rowsAfter(ends + TRANSIT.toNanos()));
            figures.put(ISOLATED_WRITES, seconds(isolated.lastAckNanos().orElse(cut) - cut));
        }
    }

    /** An answer that was under way when the cut came may still have prolonged it, so that it is asked for to the end. */
    static long awaitEndOfWriteRight(Subject subject, int member, long cut) throws IOException, InterruptedException {
        long[] ends = {cut};
        Waiting.until("the right to write ended", LIMIT, () -> {
            OptionalLong end = subject.writeRightEndsNanos(member, cut);
            if (end.isPresent() && end.getAsLong() - ends[0] > 0) {
                ends[0] = end.getAsLong();
            }
            return System.nanoTime() - ends[0] > 0;
        });
        return ends[0];
    }

    private static double seconds(long nanos) {
        return Math.max(0, nanos) / 1e9;
    }
}
