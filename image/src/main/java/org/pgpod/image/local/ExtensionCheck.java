package org.pgpod.image.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** An extension that the image lacks becomes usable in all running servers, none of which is restarted. */
final class ExtensionCheck {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final String EXTENSION = "semver";
    private static final String PROBE = "SELECT '1.10.0'::semver > '1.9.0'::semver";

    private final LocalCluster cluster;
    private final Writer writer;

    ExtensionCheck(LocalCluster cluster, Writer writer) {
        this.cluster = cluster;
        this.writer = writer;
    }

    String load() throws IOException, SQLException, InterruptedException {
        Map<String, String> before = startTimes();
        if (usableEverywhere()) {
            throw new IOException(EXTENSION + " was usable before it was loaded");
        }
        long begun = System.nanoTime();
        for (LocalPod pod : cluster.pods()) {
            want(pod);
        }
        Waiting.until(EXTENSION + " usable in every pod", LIMIT, this::usableEverywhere);
        double seconds = (System.nanoTime() - begun) / 1e9;
        Map<String, String> after = startTimes();
        if (!after.equals(before)) {
            throw new IOException("a server was restarted: started " + before + " before and " + after + " after");
        }
        writer.awaitRows(1, LIMIT);
        return String.format(Locale.ROOT, "%s in %.1f s, server start times unchanged", EXTENSION, seconds);
    }

    /** What replacing a ConfigMap does to its mounted file. */
    private void want(LocalPod pod) throws IOException {
        Path next = Files.writeString(pod.desiredExtensions().resolveSibling("extensions.new"), EXTENSION + "\n");
        cluster.users().own(next, LocalUsers.Owner.ROOT, "644");
        Files.move(next, pod.desiredExtensions(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private boolean usableEverywhere() throws IOException {
        for (LocalPod pod : cluster.pods()) {
            try (Connection connection = ReplicationChecks.connect(cluster, pod);
                    var statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(PROBE)) {
                if (!row.next() || !row.getBoolean(1)) {
                    return false;
                }
            } catch (SQLException notYet) {
                return false;
            }
        }
        return true;
    }

    private Map<String, String> startTimes() throws IOException, SQLException {
        Map<String, String> times = new TreeMap<>();
        for (LocalPod pod : cluster.pods()) {
            try (Connection connection = ReplicationChecks.connect(cluster, pod);
                    var statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT pg_postmaster_start_time()::text")) {
                row.next();
                times.put(pod.name(), row.getString(1));
            }
        }
        return times;
    }
}
