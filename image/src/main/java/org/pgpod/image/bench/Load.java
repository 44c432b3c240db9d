package org.pgpod.image.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.pgpod.image.local.Waiting;

/**
 * Clients that write all the time, each one row a transaction, and note which rows were acknowledged and when. A client
 * whose connection broke opens the next one after a short pause, for as long as it takes.
 */
final class Load implements AutoCloseable {
    private static final long RETRY_MILLIS = 20;
    private static final int INITIAL_ROWS = 16_384;
    private static final int FETCH_ROWS = 10_000;
    private static final Duration CONNECT_LIMIT = Duration.ofMinutes(2);
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(30);

    /** How a client gets its connection. */
    @FunctionalInterface
    interface Route {
        Connection open() throws SQLException;
    }

    /**
     * What happened since the last {@link #lap}.
     *
     * @param longestStall the longest time that one client waited between two acknowledgements
     * @param stallEndNanos when that one ended
     * @param failed transactions that a client had begun and that ended with an error
     * @param lastError the last error of a transaction or of an attempt to connect
     */
    record Lap(Duration longestStall, long stallEndNanos, long failed, String lastError) {}

    private final Route route;
    private final String table;
    private final List<Client> clients = new ArrayList<>();
    private final AtomicInteger nextId = new AtomicInteger();
    private volatile boolean running = true;

    // Guarded by this.
    private final BitSet acknowledged = new BitSet();
    private long[] ackNanos = new long[INITIAL_ROWS];
    private int acks;
    private long failed;
    private long failedEver;
    private String lastError = "none";

    Load(Route route, String table, int clients) {
        this.route = route;
        this.table = table;
        for (int number = 0; number < clients; number++) {
            this.clients.add(new Client(number));
        }
    }

    /** Makes the table anew. */
    void prepare() throws SQLException {
        try (Connection connection = patientlyOpened(route);
                var statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS " + table);
            statement.execute("CREATE TABLE " + table + " (id int PRIMARY KEY, at timestamptz DEFAULT now())");
        }
    }

    /** One attempt may time out where processors are busy, and that alone is no failure of the cluster. */
    private Connection patientlyOpened(Route route) throws SQLException {
        long deadline = System.nanoTime() + CONNECT_LIMIT.toNanos();
        while (true) {
            try {
                return route.open();
            } catch (SQLException refused) {
                if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                    throw refused;
                }
                pause();
            }
        }
    }

    void start() {
        clients.forEach(client -> client.thread.start());
    }

    private final class Client {
        private final Thread thread;

        // Guarded by the load.
        private long lastAckNanos = System.nanoTime();
        private long longestStallNanos;
        private long stallEndNanos = lastAckNanos;

        Client(int number) {
            thread = Thread.ofPlatform().daemon().name(table + "-" + number).unstarted(this::write);
        }

        private void write() {
            while (running) {
                try (Connection connection = route.open();
                        PreparedStatement insert =
                                connection.prepareStatement("INSERT INTO " + table + " (id) VALUES (?)")) {
                    while (running) {
                        insert(insert, nextId.getAndIncrement());
                    }
                } catch (SQLException broken) {
                    fail(broken, 0);
                    pause();
                }
            }
        }

        private void insert(PreparedStatement insert, int id) throws SQLException {
            insert.setInt(1, id);
            try {
                insert.executeUpdate();
            } catch (SQLException broken) {
                fail(broken, 1);
                throw broken;
            }
            acknowledge(this, id);
        }

        private void noteStall(long now) {
            if (now - lastAckNanos > longestStallNanos) {
                longestStallNanos = now - lastAckNanos;
                stallEndNanos = now;
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void acknowledge(Client client, int id) {
        long now = System.nanoTime();
        client.noteStall(now);
        client.lastAckNanos = now;
        acknowledged.set(id);
        if (acks == ackNanos.length) {
            ackNanos = Arrays.copyOf(ackNanos, 2 * acks);
        }
        ackNanos[acks++] = now;
    }

    private synchronized void fail(SQLException broken, int transactions) {
        failed += transactions;
        failedEver += transactions;
        lastError = broken.getSQLState() + " " + broken.getMessage();
    }

    synchronized int rows() {
        return acks;
    }

    synchronized long failedEver() {
        return failedEver;
    }

    /** How many acknowledgements arrived after this moment. */
    synchronized int rowsAfter(long nanos) {
        int later = 0;
        while (later < acks && ackNanos[acks - 1 - later] - nanos > 0) {
            later++;
        }
        return later;
    }

    /** When the last acknowledgement arrived; empty before the first. */
    synchronized OptionalLong lastAckNanos() {
        return acks == 0 ? OptionalLong.empty() : OptionalLong.of(ackNanos[acks - 1]);
    }

    /** Ends a measured stretch and begins the next; a stall that is still open counts as far as it has come. */
    synchronized Lap lap() {
        long now = System.nanoTime();
        long longest = 0;
        long end = now;
        for (Client client : clients) {
            client.noteStall(now);
            if (client.longestStallNanos > longest) {
                longest = client.longestStallNanos;
                end = client.stallEndNanos;
            }
            client.longestStallNanos = 0;
        }
        Lap lap = new Lap(Duration.ofNanos(longest), end, failed, lastError);
        failed = 0;
        lastError = "none";
        return lap;
    }

    /** How many rows acknowledged until now the table lacks. */
    int lost() throws SQLException {
        return lost(route);
    }

    /** The same for those who come by {@code later}. */
    int lost(Route later) throws SQLException {
        BitSet missing;
        synchronized (this) {
            missing = (BitSet) acknowledged.clone();
        }
        try (Connection connection = patientlyOpened(later);
                var statement = connection.createStatement()) {
            // Without autocommit the driver fetches a portion at a time.
            connection.setAutoCommit(false);
            statement.setFetchSize(FETCH_ROWS);
            try (ResultSet row = statement.executeQuery("SELECT id FROM " + table)) {
                while (row.next()) {
                    missing.clear(row.getInt(1));
                }
            }
        }
        return missing.cardinality();
    }

    /** Returns once {@code more} further rows were acknowledged. */
    void awaitRows(int more, Duration limit) throws IOException, InterruptedException {
        int wanted = rows() + more;
        try {
            Waiting.until(more + " more rows acknowledged", limit, () -> rows() >= wanted);
        } catch (IOException late) {
            throw new IOException(late.getMessage() + " (last error: " + lastError() + ")", late);
        }
    }

    private synchronized String lastError() {
        return lastError;
    }

    @Override
    public void close() {
        running = false;
        boolean interrupted = Thread.interrupted();
        for (Client client : clients) {
            try {
                client.thread.join(JOIN_LIMIT);
            } catch (InterruptedException hurry) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
