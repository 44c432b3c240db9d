package org.pgpod.image.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/** A client that reads the newest rows of a {@link Load}'s table all the time and notes which it has seen. */
final class Reads implements AutoCloseable {
    private static final long PAUSE_MILLIS = 10;
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(30);

    private final Load.Route route;
    private final String table;
    private final Thread thread;
    private volatile boolean running = true;

    // Guarded by this.
    private final BitSet seen = new BitSet();

    private Reads(Load.Route route, String table) {
        this.route = route;
        this.table = table;
        this.thread = Thread.ofPlatform().daemon().name("reads-" + table).unstarted(this::read);
    }

    static Reads of(Load.Route route, String table) {
        Reads reads = new Reads(route, table);
        reads.thread.start();
        return reads;
    }

    private void read() {
        while (running) {
            try (Connection connection = route.open();
                    Statement statement = connection.createStatement()) {
                while (running) {
                    try (ResultSet row =
                            statement.executeQuery("SELECT id FROM " + table + " ORDER BY id DESC LIMIT 100")) {
                        note(row);
                    }
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                }
            } catch (SQLException brokenOff) {
                pause();
            } catch (InterruptedException end) {
                return;
            }
        }
    }

    private synchronized void note(ResultSet row) throws SQLException {
        while (row.next()) {
            seen.set(row.getInt(1));
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many different rows were read. */
    synchronized int count() {
        return seen.cardinality();
    }

    /** How many of the rows that were read are not there for those who come by {@code later}. */
    int missing(Load.Route later) throws SQLException {
        BitSet missing;
        synchronized (this) {
            missing = (BitSet) seen.clone();
        }
        try (Connection connection = later.open();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM " + table)) {
            while (row.next()) {
                missing.clear(row.getInt(1));
            }
        }
        return missing.cardinality();
    }

    @Override
    public void close() {
        running = false;
        try {
            thread.join(JOIN_LIMIT);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }
}
