package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** What the kernel says of Postgres, on the exporter's page. */
class HostTest {
    @Test
    void processesAreFoundByTheSupervisorsStateAndGoneWithIt() throws Exception {
        try (PostgresServer server = RunningExporter.prepared(PostgresServer.start());
                RunningExporter exporter = RunningExporter.on(server, "hostInterval: 1s")) {
            Await.until(
                    "a first reading", () -> exporter.scrape().has("pgpod_host_read_age_seconds{source=\"postgres\"}"));
            assertThat(exporter.scrape().value("pgpod_host_processes_visible")).isZero();
            String pid =
                    Files.readAllLines(server.data().resolve("postmaster.pid")).getFirst();
            Path state = Files.createDirectories(exporter.credential().resolveSibling("supervisor"))
                    .resolve("state");
            Files.writeString(
                    state, "pgpod-supervisor=1 boot=b instance=i pg=up mode=primary pid=" + pid + " exit=0 end\n");
            Await.until(
                    "processes",
                    () -> exporter.scrape().has("pgpod_host_processes_visible")
                            && exporter.scrape().value("pgpod_host_processes_visible") == 1);
            Page page = exporter.scrape();
            assertThat(page.value("pgpod_backend_processes{backend_type=\"checkpointer\",datname=\"\",usename=\"\"}"))
                    .isEqualTo(1);
            assertThat(page.types())
                    .containsEntry("pgpod_backend_cpu_seconds_total", "counter")
                    .containsEntry("pgpod_backend_processes", "gauge");
            assertThat(page.value("pgpod_host_read_age_seconds{source=\"postgres\"}"))
                    .isBetween(0.0, 60.0);
            Files.delete(state);
            Await.until("no process", () -> exporter.scrape().value("pgpod_host_processes_visible") == 0);
            assertThat(exporter.scrape()
                            .value("pgpod_backend_processes{backend_type=\"checkpointer\",datname=\"\",usename=\"\"}"))
                    .isZero();
        }
    }
}
