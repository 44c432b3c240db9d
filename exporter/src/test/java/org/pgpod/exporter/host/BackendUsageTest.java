package org.pgpod.exporter.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendUsageTest {
    private static final String APP = "{backend_type=\"client backend\",datname=\"shop\",usename=\"app\"";

    @TempDir
    private Path directory;

    @Test
    void processesAreGroupedByWhatTheirTitlesSay() throws Exception {
        Map<String, Double> series =
                RecordedHost.series(RecordedHost.of("v2", directory).postgres().read());
        assertThat(series)
                .containsEntry("pgpod_host_processes_visible", 1.0)
                .containsEntry("pgpod_backend_processes" + APP + "}", 2.0)
                .containsEntry("pgpod_backend_cpu_seconds_total" + APP + ",mode=\"user\"}", 12.0)
                .containsEntry("pgpod_backend_cpu_seconds_total" + APP + ",mode=\"system\"}", 1.0)
                .containsEntry("pgpod_backend_read_bytes_total" + APP + "}", 4_000.0)
                .containsEntry("pgpod_backend_written_bytes_total" + APP + "}", 2_000.0)
                .containsEntry(
                        "pgpod_backend_cpu_waiting_seconds_total{backend_type=\"checkpointer\",datname=\"\",usename=\"\"}",
                        0.1)
                .containsEntry(
                        "pgpod_backend_processes{backend_type=\"autovacuum worker\",datname=\"shop\",usename=\"\"}",
                        1.0)
                .containsEntry(
                        "pgpod_backend_processes{backend_type=\"background worker\",datname=\"\",usename=\"\"}", 1.0)
                .containsEntry("pgpod_backend_processes{backend_type=\"postmaster\",datname=\"\",usename=\"\"}", 1.0)
                .containsEntry("pgpod_postgres_process_max_fds", 1_048_576.0)
                .doesNotContainKey(
                        "pgpod_backend_read_bytes_total{backend_type=\"checkpointer\",datname=\"\",usename=\"\"}");
    }

    @Test
    void aNameThatIsNotAuthenticatedMakesNoSeries() throws Exception {
        Map<String, Double> series =
                RecordedHost.series(RecordedHost.of("v2", directory).postgres().read());
        assertThat(series.keySet()).noneMatch(name -> name.contains("mallory"));
        assertThat(series)
                .containsEntry(
                        "pgpod_backend_processes{backend_type=\"client backend\",datname=\"\",usename=\"\"}", 1.0);
    }

    @Test
    void sumsStayWhenProcessesEndAndGrowByWhatLaterOnesUse() throws Exception {
        RecordedHost host = RecordedHost.of("v2", directory);
        PostgresHost postgres = host.postgres();
        postgres.read();
        String stat61 = "61 (postgres) R 41 61 61 0 -1 4194624 1 0 0 0 %d 0 0 0 20 0 1 0 %d 1 1\n";
        host.write("proc/61/stat", stat61.formatted(900, 3_467_810));
        host.write("proc/41/task/41/children", "52 61 ");
        assertThat(RecordedHost.series(postgres.read()))
                .containsEntry("pgpod_backend_processes" + APP + "}", 1.0)
                .containsEntry("pgpod_backend_cpu_seconds_total" + APP + ",mode=\"user\"}", 14.0);
        // Another process with the same pid begins at zero; what the earlier one used stays.
        host.write("proc/61/stat", stat61.formatted(50, 9_999_999));
        assertThat(RecordedHost.series(postgres.read()))
                .containsEntry("pgpod_backend_cpu_seconds_total" + APP + ",mode=\"user\"}", 14.5);
        host.write("proc/41/task/41/children", "");
        assertThat(RecordedHost.series(postgres.read()))
                .containsEntry("pgpod_backend_processes" + APP + "}", 0.0)
                .containsEntry("pgpod_backend_cpu_seconds_total" + APP + ",mode=\"user\"}", 14.5);
    }

    @Test
    void aProcessMissingFromOneReadingIsNotCountedTwice() throws Exception {
        RecordedHost host = RecordedHost.of("v2", directory);
        PostgresHost postgres = host.postgres();
        postgres.read();
        host.write("proc/41/task/41/children", "52 ");
        postgres.read();
        host.write("proc/41/task/41/children", "52 60 61 ");
        assertThat(RecordedHost.series(postgres.read()))
                .containsEntry("pgpod_backend_cpu_seconds_total" + APP + ",mode=\"user\"}", 12.0);
    }

    @Test
    void groupsAreBounded() {
        BackendUsage usage = new BackendUsage();
        usage.begin();
        for (int i = 0; i < BackendUsage.GROUPS_MAX + 50; i++) {
            ProcessCounts counts = new ProcessCounts(
                    "postgres", i, 1, 0, OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty());
            usage.add(i, counts, new BackendTitle("client backend", "db" + i, "app"));
        }
        Readings readings = new Readings();
        usage.end(readings);
        assertThat(RecordedHost.series(readings.families()))
                .containsEntry(
                        "pgpod_backend_cpu_seconds_total{backend_type=\"client backend\",datname=\"other\","
                                + "usename=\"other\",mode=\"user\"}",
                        50.0)
                .hasSize(3 * (BackendUsage.GROUPS_MAX + 1));
    }

    @Test
    void aPidOfAnotherNamespaceIsNotTakenForThePostmaster() throws Exception {
        RecordedHost host = RecordedHost.of("v2", directory);
        host.write("proc/41/stat", "41 (java) S 1 41 41 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 5 1 1\n");
        assertThat(RecordedHost.series(host.postgres().read()))
                .containsEntry("pgpod_host_processes_visible", 0.0)
                .doesNotContainKey("pgpod_backend_processes" + APP + "}");
    }

    @Test
    void withoutASupervisorThePidFileIsTaken() throws Exception {
        RecordedHost host = RecordedHost.of("v2", directory);
        host.remove("supervisor/state");
        host.write("data/postmaster.pid", "41\n/data\n1700000000\n5433\n");
        assertThat(RecordedHost.series(host.postgres().read())).containsEntry("pgpod_host_processes_visible", 1.0);
    }
}
