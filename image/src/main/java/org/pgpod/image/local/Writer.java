package org.pgpod.image.local;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A client that writes all the time, one row a transaction, through the proxies over verified TLS, and notes which rows the
 * database acknowledged and when. It reconnects to whichever pod is the primary, as a driver with several hosts does.
 */
public final class Writer implements AutoCloseable {
    private static final long RETRY_MILLIS = 20;
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(20);

    private final String url;
    private final Properties properties;
    private final Thread thread;
    private final List<Long> acknowledged = new ArrayList<>();
    private volatile boolean running = true;
    private long lastAckNanos = System.nanoTime();
    private long longestGapNanos;
    private long errors;
    private String lastError = "none";

    /** What happened since the last {@link #lap}. */
    public record Lap(Duration longestGap, long errors, long rows, String lastError) {}

    public Writer(LocalCluster cluster) throws IOException {
        this.url = url(cluster);
        this.properties = properties(cluster);
        this.thread = Thread.ofPlatform().daemon().name("writer").unstarted(this::write);
    }

    private static String url(LocalCluster cluster) {
        List<String> hosts =
                cluster.pods().stream().map(pod -> pod.address() + ":5432").toList();
        return "jdbc:postgresql://" + String.join(",", hosts) + "/postgres";
    }

    private static Properties properties(LocalCluster cluster) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", cluster.password("postgres"));
        properties.setProperty("targetServerType", "primary");
        properties.setProperty("hostRecheckSeconds", "0");
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("loginTimeout", "3");
        properties.setProperty("socketTimeout", "10");
        properties.setProperty("sslmode", "verify-full");
        properties.setProperty(
                "sslrootcert", cluster.layout().authority().resolve("ca.crt").toString());
        return properties;
    }

    /** A connection to the primary through its proxy. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, properties);
    }

    /** Makes the table, and starts writing into it. */
    public void start() throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS written (id bigint PRIMARY KEY, at timestamptz DEFAULT now())");
        }
        lastAckNanos = System.nanoTime();
        thread.start();
    }

    private void write() {
        long id = 0;
        while (running) {
            try (Connection connection = connect();
                    PreparedStatement insert = connection.prepareStatement("INSERT INTO written (id) VALUES (?)")) {
                while (running) {
                    insert.setLong(1, ++id);
                    insert.executeUpdate();
                    acknowledge(id);
                }
            } catch (SQLException broken) {
                fail(broken);
                pause();
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

    private synchronized void acknowledge(long id) {
        long now = System.nanoTime();
        longestGapNanos = Math.max(longestGapNanos, now - lastAckNanos);
        lastAckNanos = now;
        acknowledged.add(id);
    }

    private synchronized void fail(SQLException broken) {
        errors++;
        lastError = broken.getSQLState() + " " + broken.getMessage();
    }

    public synchronized int rows() {
        return acknowledged.size();
    }

    /** Ends a measured stretch and begins the next; a gap that is still open counts as far as it has come. */
    public synchronized Lap lap() {
        long open = System.nanoTime() - lastAckNanos;
        Lap lap = new Lap(Duration.ofNanos(Math.max(longestGapNanos, open)), errors, acknowledged.size(), lastError);
        longestGapNanos = 0;
        errors = 0;
        lastError = "none";
        return lap;
    }

    /** How many acknowledged rows the primary lacks now. */
    public long missing() throws SQLException {
        Set<Long> missing;
        synchronized (this) {
            missing = new HashSet<>(acknowledged);
        }
        try (Connection connection = connect();
                var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM written")) {
            while (row.next()) {
                missing.remove(row.getLong(1));
            }
        }
        return missing.size();
    }

    /** Returns once {@code more} further rows were acknowledged. */
    public void awaitRows(int more, Duration limit) throws IOException, InterruptedException {
        int wanted = rows() + more;
        Waiting.until(more + " more rows acknowledged (last error: " + lastError + ")", limit, () -> rows() >= wanted);
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
