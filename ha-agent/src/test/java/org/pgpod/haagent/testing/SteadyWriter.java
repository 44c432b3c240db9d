package org.pgpod.haagent.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A client that writes all the time, one row a statement, and remembers which rows were acknowledged. */
public final class SteadyWriter implements AutoCloseable {
    private static final long PAUSE_NANOS = 5_000_000;

    private final TestCluster cluster;
    private final Set<Long> acknowledged = new HashSet<>();
    private final AtomicLong lastSuccess = new AtomicLong();
    private final AtomicLong longestGapNanos = new AtomicLong();
    private final Thread thread;
    private volatile boolean stopped;

    /** Creates the table anew, so that no number is taken, and starts to write. */
    public SteadyWriter(TestCluster cluster, TestPod primary) throws SQLException {
        this.cluster = cluster;
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists written");
            statement.execute("create table written (id bigint primary key)");
        }
        lastSuccess.set(System.nanoTime());
        this.thread = Thread.ofPlatform().name("writer").daemon().start(this::run);
    }

    private void run() {
        long next = 1;
        while (!stopped) {
            Optional<TestPod> primary =
                    cluster.pods().stream().filter(TestPod::isPrimary).findFirst();
            if (primary.isEmpty()) {
                LockSupport.parkNanos(PAUSE_NANOS);
                continue;
            }
            try (Connection connection = primary.get().connect();
                    PreparedStatement insert = connection.prepareStatement("insert into written values (?)")) {
                while (!stopped) {
                    insert.setLong(1, next);
                    insert.executeUpdate();
                    acknowledge(next);
                    next++;
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (SQLException broken) {
                // Its outcome is unknown: the row is not acknowledged, and its number not used again.
                next++;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private synchronized void acknowledge(long id) {
        acknowledged.add(id);
        long now = System.nanoTime();
        long gap = now - lastSuccess.getAndSet(now);
        longestGapNanos.accumulateAndGet(gap, Math::max);
    }

    public synchronized int count() {
        return acknowledged.size();
    }

    /** The longest time without a successful write since the last call. */
    public Duration takeLongestGap() {
        return Duration.ofNanos(longestGapNanos.getAndSet(0));
    }

    /** Acknowledged rows that this server does not have. */
    public synchronized Set<Long> missingOn(TestPod pod) throws SQLException {
        Set<Long> missing = new HashSet<>(acknowledged);
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id from written")) {
            while (rows.next()) {
                missing.remove(rows.getLong(1));
            }
        }
        System.out.println(
                "history: " + acknowledged.size() + " acknowledged, " + missing.size() + " missing on " + pod.name());
        return missing;
    }

    @Override
    public void close() {
        stop();
    }

    /** Writes no more; what was acknowledged stays known. */
    public void stop() {
        stopped = true;
        try {
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
