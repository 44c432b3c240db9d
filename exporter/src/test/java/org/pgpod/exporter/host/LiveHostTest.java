package org.pgpod.exporter.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** This machine's kernel, and a real server with a real session. */
class LiveHostTest {
    private static final HostFiles FILES = new HostFiles.Mounted(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    private static final String SESSION =
            "{backend_type=\"client backend\",datname=\"postgres\",usename=\"postgres\",mode=\"user\"}";

    @Test
    void whatASessionUsesIsSeenAndStaysAfterItsEnd() throws Exception {
        try (PostgresServer server = PostgresServer.with(Map.of("cluster_name", "some pod"))) {
            PostgresHost host = new PostgresHost(
                    FILES, server.data().resolve("absent"), server.data().resolve("postmaster.pid"));
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT count(*) FROM generate_series(1, 3000000)");
                Await.until("CPU time of the session", () -> cpu(host) > 0.05);
            }
            double used = cpu(host);
            Await.until("the session's end", () -> {
                Map<String, Double> series = RecordedHost.series(host.read());
                return Double.valueOf(0)
                        .equals(series.get("pgpod_backend_processes{backend_type=\"client backend\","
                                + "datname=\"postgres\",usename=\"postgres\"}"));
            });
            Map<String, Double> series = RecordedHost.series(host.read());
            assertThat(series.get("pgpod_backend_cpu_seconds_total" + SESSION)).isGreaterThanOrEqualTo(used);
            for (String type : List.of("postmaster", "checkpointer", "background writer", "walwriter")) {
                assertThat(series)
                        .containsEntry(
                                "pgpod_backend_processes{backend_type=\"" + type + "\",datname=\"\",usename=\"\"}",
                                1.0);
            }
            assertThat(series.get("pgpod_postgres_process_max_fds")).isGreaterThan(100);
            assertThat(series.keySet()).contains("pgpod_host_container_visible");
        }
    }

    private static double cpu(PostgresHost host) {
        return RecordedHost.series(host.read()).getOrDefault("pgpod_backend_cpu_seconds_total" + SESSION, 0.0);
    }

    @Test
    void volumesAreMeasuredAsStatfsMeasuresThem(@TempDir Path directory) throws Exception {
        Map<String, Double> series =
                RecordedHost.series(new Volumes(Map.of("data", directory, "wal", directory.resolve("absent"))).read());
        List<Double> expected = statfs(directory);
        assertThat(series.get("pgpod_volume_capacity_bytes{volume=\"data\"}")).isEqualTo(expected.get(0));
        assertThat(series.get("pgpod_volume_inodes{volume=\"data\"}")).isEqualTo(expected.get(1));
        assertThat(series.get("pgpod_volume_available_bytes{volume=\"data\"}"))
                .isPositive()
                .isLessThanOrEqualTo(series.get("pgpod_volume_free_bytes{volume=\"data\"}"));
        assertThat(series.get("pgpod_volume_inodes_free{volume=\"data\"}")).isPositive();
        assertThat(series.keySet()).noneMatch(name -> name.contains("wal"));
    }

    /** Size and inodes as coreutils print them. */
    private static List<Double> statfs(Path directory) throws Exception {
        Process stat = new ProcessBuilder("stat", "-f", "-c", "%b %S %c", directory.toString()).start();
        String[] words = new String(stat.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII)
                .strip()
                .split(" ", -1);
        List<Double> numbers = new ArrayList<>();
        numbers.add(Double.parseDouble(words[0]) * Double.parseDouble(words[1]));
        numbers.add(Double.parseDouble(words[2]));
        return numbers;
    }

    @Test
    void openDescriptorsAreThoseThatTheKernelLists() throws Exception {
        long pid = ProcessHandle.current().pid();
        var counted = FILES.openDescriptors(pid);
        if (counted.isPresent()) {
            try (var entries = Files.list(Path.of("/proc/self/fd"))) {
                assertThat((double) counted.getAsLong())
                        .isCloseTo((double) entries.count(), org.assertj.core.api.Assertions.within(20.0));
            }
        }
    }
}
