package org.pgpod.image.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.HealthReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what each sidecar of this process says of itself to {@code run/health/<sidecar>}, every {@value #SECONDS} s from
 * its start until {@link #close}, which removes the files. ha-agent makes Events of it: no other sidecar may.
 */
final class HealthReports implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthReports.class);
    private static final int SECONDS = 5;
    private static final long CLOSE_LIMIT_SECONDS = 2;

    private final Path directory;
    private final Map<String, Sidecar> sidecars = new ConcurrentHashMap<>();
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("health").daemon().unstarted(task));

    // Only the writer touches this.
    private boolean failing;

    HealthReports(Path directory) {
        this.directory = directory;
    }

    void start(BootClock clock) {
        var _ = writer.scheduleWithFixedDelay(() -> write(clock), 0, SECONDS, TimeUnit.SECONDS);
    }

    void add(String name, Sidecar sidecar) {
        sidecars.put(name, sidecar);
    }

    private void write(BootClock clock) {
        try {
            Files.createDirectories(directory);
            for (Map.Entry<String, Sidecar> each : sidecars.entrySet()) {
                HealthReport report = report(each.getValue().health(), clock);
                AtomicFile.replace(directory.resolve(each.getKey()), report.format());
            }
            failing = false;
        } catch (IOException | RuntimeException failed) {
            if (!failing) {
                LOG.warn("health cannot be reported directory={}", directory, failed);
            }
            failing = true;
        }
    }

    private static HealthReport report(Health health, BootClock clock) {
        String reason = health.ready() ? "" : health.details().getOrDefault("reason", "");
        return new HealthReport(clock.bootId(), clock.nowMillis(), health.live(), health.ready(), reason);
    }

    /** Nothing is written any more, and nothing stays that would grow old. */
    @Override
    public void close() {
        writer.shutdownNow();
        try {
            if (!writer.awaitTermination(CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
            for (String name : sidecars.keySet()) {
                Files.deleteIfExists(directory.resolve(name));
            }
        } catch (IOException failed) {
            LOG.warn("a health report stays directory={}", directory, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
