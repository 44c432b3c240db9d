package org.pgpod.image.local;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** Tries every capability of the running pods once, in order, and prints a line for each. */
final class Checks {
    private final LocalCluster cluster;
    private final PrintWriter out;
    private final long startedNanos;
    private int failed;

    /** One capability: returns its figure, or fails with the reason. */
    @FunctionalInterface
    interface Check {
        String run() throws IOException, SQLException, InterruptedException;
    }

    /** A capability, by the name that its line shows. */
    record Named(String name, Check check) {}

    Checks(LocalCluster cluster, PrintWriter out, long startedNanos) {
        this.cluster = cluster;
        this.out = out;
        this.startedNanos = startedNanos;
    }

    /** Runs all of them, also after one failed; true only if all are ok. */
    boolean run() throws IOException, InterruptedException {
        line(
                "cluster formed",
                () -> String.format(Locale.ROOT, "%.1f s from nothing", (System.nanoTime() - startedNanos) / 1e9));
        try (Writer writer = new Writer(cluster)) {
            ReplicationChecks replication = new ReplicationChecks(cluster, writer);
            ObservationChecks observation = new ObservationChecks(cluster);
            for (Named named : List.of(
                    new Named("TLS through the proxy, certificate verified", replication::tls),
                    new Named("written on the primary, read on every standby", replication::readEverywhere),
                    new Named("primary killed with kill -9", replication::failover),
                    new Named("old primary rejoined", replication::rejoined),
                    new Named("planned switchover", replication::switchover),
                    new Named("Prometheus scrapes every target", observation::prometheus),
                    new Named("log rows equal those in the files", observation::logs),
                    new Named("extension loaded into running servers", new ExtensionCheck(cluster, writer)::load))) {
                line(named.name(), named.check());
            }
        }
        return failed == 0;
    }

    private void line(String name, Check check) throws InterruptedException {
        String verdict = "ok  ";
        String figure;
        try {
            figure = check.run();
        } catch (IOException | SQLException | RuntimeException failure) {
            verdict = "FAIL";
            figure = String.valueOf(failure.getMessage());
            failed++;
        }
        out.printf("%s  %-46s %s%n", verdict, name, figure);
        out.flush();
    }
}
