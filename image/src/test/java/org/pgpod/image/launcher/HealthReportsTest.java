package org.pgpod.image.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.HealthReport;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.testing.Await;

/** What a process leaves in {@code run/health} for ha-agent. */
class HealthReportsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** A sidecar that says what the test wants. */
    private static final class Patient implements Sidecar {
        private volatile Health health = Health.ready(Map.of("sessions", "3"));

        @Override
        public void start() {}

        @Override
        public Health health() {
            return health;
        }

        @Override
        public void stop() {}
    }

    @TempDir
    private Path base = Path.of("");

    private Optional<HealthReport> read() throws IOException {
        Path file = base.resolve("health").resolve("log-shipper");
        return Files.exists(file) ? HealthReport.parse(Files.readString(file)) : Optional.empty();
    }

    @Test
    void whatASidecarSaysIsWrittenWhileItRuns() throws IOException {
        Patient patient = new Patient();
        BootClock clock = LinuxBootClock.open();
        long before = clock.nowMillis();
        try (HealthReports reports = new HealthReports(base.resolve("health"))) {
            reports.add("log-shipper", patient);
            reports.start(clock);
            Await.until("a report", LIMIT, () -> read().isPresent());
            HealthReport first = read().orElseThrow();
            assertThat(first.ready()).isTrue();
            assertThat(first.bootId()).isEqualTo(clock.bootId());
            assertThat(first.atMillis()).isBetween(before, clock.nowMillis());
            patient.health = Health.notReady("the store is away: 100 % of its disk is used");
            Await.until("the change", LIMIT, () -> !read().orElseThrow().ready());
            assertThat(read().orElseThrow().reason()).isEqualTo("the store is away: 100 % of its disk is used");
        }
        assertThat(base.resolve("health")).isEmptyDirectory();
    }

    @Test
    void aDirectoryThatCannotBeWrittenHurtsNobody() throws IOException {
        Files.writeString(base.resolve("health"), "a file in the way");
        try (HealthReports reports = new HealthReports(base.resolve("health"))) {
            reports.add("log-shipper", new Patient());
            reports.start(LinuxBootClock.open());
        }
        assertThat(base.resolve("health")).hasContent("a file in the way");
    }
}
