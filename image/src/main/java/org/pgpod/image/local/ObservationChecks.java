package org.pgpod.image.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pgpod.image.observation.WatchFiles;

/** What can be seen of the pods from outside: metrics in Prometheus, log records in the central store. */
final class ObservationChecks {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final LocalCluster cluster;
    private final ObjectMapper json = new ObjectMapper();

    ObservationChecks(LocalCluster cluster) {
        this.cluster = cluster;
    }

    String prometheus() throws IOException, InterruptedException {
        try (PrometheusServer prometheus = PrometheusServer.start(cluster)) {
            Waiting.until("all targets up", LIMIT, () -> prometheus.up() == prometheus.targets());
            List<String> complaints = prometheus.complaints();
            if (!complaints.isEmpty()) {
                throw new IOException("promtool: " + String.join("; ", complaints));
            }
            allIsThere(prometheus);
            int rules = WatchFiles.rules().path("groups").findValues("alert").size();
            Waiting.until("all alerts evaluated", LIMIT, () -> prometheus.soundRules() == rules);
            return prometheus.up() + " of " + prometheus.targets() + " up, promtool content, " + rules
                    + " alerts sound";
        }
    }

    /** Holds alerts and dashboards to the pages; what is collected in the background may take a while to be on them. */
    private static void allIsThere(PrometheusServer prometheus) throws IOException, InterruptedException {
        try {
            Waiting.until(
                    "all that alerts and dashboards use",
                    LIMIT,
                    () -> prometheus.missing().isEmpty());
        } catch (IOException late) {
            throw new IOException(late.getMessage() + ": " + String.join("; ", prometheus.missing()), late);
        }
    }

    String logs() throws IOException, SQLException, InterruptedException {
        int rows = 0;
        for (LocalPod pod : cluster.pods()) {
            Set<String> inFiles = inFiles(pod);
            if (inFiles.isEmpty()) {
                throw new IOException("no log record in " + pod.postgresLogs());
            }
            Waiting.until("all log records of " + pod.name() + " in the store", LIMIT, () -> {
                try {
                    return inStore(pod).containsAll(inFiles);
                } catch (SQLException notYet) {
                    return false;
                }
            });
            List<String> stored = inStore(pod);
            // Read again: records that came meanwhile may be stored too, but nothing else, and nothing twice.
            Set<String> later = inFiles(pod);
            if (new HashSet<>(stored).size() != stored.size() || !later.containsAll(stored)) {
                throw new IOException(pod.name() + ": " + stored.size() + " rows stored, "
                        + new HashSet<>(stored).size() + " distinct, " + later.size() + " in the files");
            }
            rows += stored.size();
        }
        return rows + " rows, by (session id, line number): none lost, none twice";
    }

    private Set<String> inFiles(LocalPod pod) throws IOException {
        Set<String> records = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(pod.postgresLogs(), "*.json")) {
            for (Path file : files) {
                for (String line :
                        Files.readString(file, StandardCharsets.UTF_8).split("\n", -1)) {
                    record(line, records);
                }
            }
        }
        return records;
    }

    private void record(String line, Set<String> records) {
        if (line.isBlank()) {
            return;
        }
        try {
            JsonNode record = json.readTree(line);
            records.add(record.path("session_id").asText() + "/"
                    + record.path("line_num").asText());
        } catch (JsonProcessingException torn) {
            // The record that the server is writing right now.
        }
    }

    private List<String> inStore(LocalPod pod) throws SQLException, IOException {
        List<String> records = new ArrayList<>();
        try (Connection connection = cluster.logStore().connect(LogStore.DATABASE);
                PreparedStatement query = connection.prepareStatement(
                        "SELECT session_id || '/' || line_num FROM pgpod_logs.postgres_log WHERE pod = ?")) {
            query.setString(1, pod.name());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    records.add(row.getString(1));
                }
            }
        }
        return records;
    }
}
