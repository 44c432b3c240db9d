package org.pgpod.image.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.exporter.host.HostCopy;
import org.pgpod.exporter.host.HostFiles;
import org.pgpod.exporter.host.PostgresHost;
import org.pgpod.exporter.model.MetricFamily;

/** What an exporter that sees neither Postgres's processes nor its control group learns by the supervisor. */
class SupervisorHostTest {
    private static final HostFiles NOTHING = new HostFiles.Mounted(Path.of("/absent"), Path.of("/absent"));
    private static final String CHECKPOINTER = "{backend_type=\"checkpointer\",datname=\"\",usename=\"\"}";

    @Test
    void processesOfTheRunningServerAreCopiedAndGoneWithIt() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            PostgresHost host = host(supervisor);
            Eventually.until("a copy", () -> value(host, "pgpod_host_processes_visible") == 1);
            Map<String, Double> series = series(host);
            assertThat(series)
                    .containsEntry("pgpod_backend_processes" + CHECKPOINTER, 1.0)
                    .containsKey("pgpod_backend_written_bytes_total" + CHECKPOINTER);
            assertThat(series.get("pgpod_postgres_open_fds")).isGreaterThan(10);
            assertThat(series.get("pgpod_postgres_process_max_fds")).isGreaterThan(100);

            supervisor.expect(0, "stop", "how=fast");
            Eventually.until("no process", () -> value(host, "pgpod_host_processes_visible") == 0);
        }
    }

    @Test
    void aNameWithLineEndsMakesNoSection() throws Exception {
        String name = "two\nlines";
        try (Supervisor supervisor = Supervisor.running()) {
            supervisor.execute("CREATE DATABASE \"" + name + "\"");
            PostgresHost host = host(supervisor);
            try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:"
                    + supervisor.pod().port() + "/" + URLEncoder.encode(name, StandardCharsets.UTF_8)
                    + "?user=postgres&sslmode=disable")) {
                assertThat(connection.isValid(0)).isTrue();
                String expected = "pgpod_backend_processes{backend_type=\"client backend\",datname=\""
                        + name.replace('\n', '?') + "\",usename=\"postgres\"}";
                Eventually.until("the session", () -> value(host, expected) == 1);
            }
        }
    }

    private static PostgresHost host(Supervisor supervisor) throws Exception {
        return new PostgresHost(
                new HostCopy(supervisor.pod().run().resolve("supervisor/host"), LinuxBootClock.open()),
                NOTHING,
                supervisor.pod().run().resolve("supervisor/state"),
                Path.of("/absent"));
    }

    private static double value(PostgresHost host, String name) {
        return series(host).getOrDefault(name, 0.0);
    }

    private static Map<String, Double> series(PostgresHost host) {
        Map<String, Double> series = new TreeMap<>();
        for (MetricFamily family : host.read()) {
            for (int i = 0; i < family.size(); i++) {
                String labels = family.labels(i).isEmpty() ? "" : "{" + family.labels(i) + "}";
                series.put(family.name() + labels, family.value(i));
            }
        }
        return series;
    }
}
