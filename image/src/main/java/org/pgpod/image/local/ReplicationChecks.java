package org.pgpod.image.local;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/** What the pods must do together: follow, fail over, come back, switch over. */
final class ReplicationChecks {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int ROWS_BETWEEN = 200;

    /** A row's record and commit take less than this many bytes of WAL. */
    private static final int WAL_BYTES_OF_ROW = 256;

    /** The default of {@code haAgent.maximumLagOnFailover}: what an asynchronous failover may lose. */
    private static final int LOSS_BYTES_MAX = 1_048_576;

    private final LocalCluster cluster;
    private final Writer writer;
    private Optional<LocalPod> killed = Optional.empty();
    private long missingAfterFailover;

    ReplicationChecks(LocalCluster cluster, Writer writer) {
        this.cluster = cluster;
        this.writer = writer;
    }

    String tls() throws SQLException, IOException, InterruptedException {
        writer.start();
        writer.awaitRows(ROWS_BETWEEN, LIMIT);
        try (Connection connection = writer.connect();
                var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT version()")) {
            row.next();
            String version = row.getString(1);
            return "sslmode=verify-full, " + version.substring(0, version.indexOf(' ', 11));
        }
    }

    String readEverywhere() throws SQLException, IOException, InterruptedException {
        LocalPod primary = requirePrimary();
        String marker = "marker_" + System.nanoTime();
        long written = System.nanoTime();
        try (Connection connection = writer.connect();
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + marker + " ()");
        }
        for (LocalPod pod : cluster.pods()) {
            if (!pod.equals(primary)) {
                Waiting.until(marker + " on " + pod.name(), LIMIT, () -> hasTable(pod, marker));
            }
        }
        return String.format(Locale.ROOT, "%.0f ms until the last standby had it", (System.nanoTime() - written) / 1e6);
    }

    /** A connection to one pod, whatever its role, through its proxy. */
    static Connection connect(LocalCluster cluster, LocalPod pod) throws SQLException, IOException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", cluster.password("postgres"));
        properties.setProperty("sslmode", "verify-full");
        properties.setProperty(
                "sslrootcert", cluster.layout().authority().resolve("ca.crt").toString());
        return DriverManager.getConnection("jdbc:postgresql://" + pod.address() + ":5432/postgres", properties);
    }

    private boolean hasTable(LocalPod pod, String table) throws IOException {
        try (Connection connection = connect(cluster, pod);
                var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT pg_is_in_recovery() AND to_regclass('" + table + "') IS NOT NULL")) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    private LocalPod requirePrimary() throws IOException, InterruptedException {
        return cluster.primary().orElseThrow(() -> new IOException("there is no primary"));
    }

    String failover() throws SQLException, IOException, InterruptedException {
        LocalPod primary = requirePrimary();
        writer.awaitRows(ROWS_BETWEEN, LIMIT);
        writer.lap();
        killed = Optional.of(primary);
        primary.kill();
        writer.awaitRows(ROWS_BETWEEN, LIMIT);
        Writer.Lap lap = writer.lap();
        long missing = writer.missing();
        missingAfterFailover = missing;
        String figure = String.format(
                Locale.ROOT,
                "write gap %.2f s, %d acknowledged rows missing (asynchronous)",
                lap.longestGap().toMillis() / 1e3,
                missing);
        if (missing * WAL_BYTES_OF_ROW > LOSS_BYTES_MAX) {
            throw new IOException(figure + ": more than maximumLagOnFailover allows");
        }
        return figure;
    }

    String rejoined() throws IOException, InterruptedException {
        LocalPod pod = killed.orElseThrow(() -> new IOException("no primary was killed"));
        long begun = System.nanoTime();
        pod.start();
        Waiting.until("every standby streams again", LIMIT, cluster::formed);
        return String.format(
                Locale.ROOT, "%s streams %.1f s after its restart", pod.name(), (System.nanoTime() - begun) / 1e9);
    }

    String switchover() throws SQLException, IOException, InterruptedException {
        LocalPod before = requirePrimary();
        writer.awaitRows(ROWS_BETWEEN, LIMIT);
        writer.lap();
        cluster.switchover(before);
        Waiting.until("another primary", LIMIT, () -> {
            Optional<LocalPod> now = cluster.primary();
            return now.isPresent() && !now.get().equals(before);
        });
        writer.awaitRows(ROWS_BETWEEN, LIMIT);
        Writer.Lap lap = writer.lap();
        Waiting.until("every standby streams again", LIMIT, cluster::formed);
        long lost = writer.missing() - missingAfterFailover;
        String figure = String.format(
                Locale.ROOT,
                "write gap %.2f s, %d errors, %d rows missing",
                lap.longestGap().toMillis() / 1e3,
                lap.errors(),
                lost);
        if (lost > 0) {
            throw new IOException(figure);
        }
        return figure;
    }
}
