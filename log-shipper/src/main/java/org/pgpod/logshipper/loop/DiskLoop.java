package org.pgpod.logshipper.loop;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.tail.ShippedFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps Postgres's log files within their bound, as far as every sink has them. */
final class DiskLoop implements Runnable {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(DiskLoop.class);

    private final ShippedFiles files;
    private final long bytesMax;
    private final List<Pipeline> pipelines;
    private final AtomicLong bytes = new AtomicLong();
    private final Counter deletedFiles;
    private final Counter deletedBytes;
    private boolean exceeded;
    private boolean fails;

    DiskLoop(ShippedFiles files, long bytesMax, List<Pipeline> pipelines, MeterRegistry registry) {
        this.files = files;
        this.bytesMax = bytesMax;
        this.pipelines = pipelines;
        Gauge.builder("pgpod.log.postgres.files.bytes", bytes, AtomicLong::get)
                .description("What Postgres's log files take on disk; known where postgresFilesMax is set")
                .register(registry);
        deletedFiles = Counter.builder("pgpod.log.deleted.files")
                .description("Log files of Postgres deleted because every sink had them")
                .register(registry);
        deletedBytes = Counter.builder("pgpod.log.deleted.bytes")
                .description("What those files took on disk")
                .register(registry);
    }

    @Override
    public void run() {
        try {
            while (true) {
                look();
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            ShippedFiles.Outcome outcome =
                    files.deleteDown(stored(), Clock.systemUTC().millis());
            bytes.set(outcome.bytes());
            deletedFiles.increment(outcome.deletedFiles());
            deletedBytes.increment((double) outcome.deletedBytes());
            boolean exceeds = outcome.bytes() > bytesMax;
            if (exceeds && !exceeded) {
                LOG.warn(
                        "log files exceed logShipper.postgresFilesMax, and none of them may be deleted yet bytes={} max={}",
                        outcome.bytes(),
                        bytesMax);
            }
            exceeded = exceeds;
            fails = false;
        } catch (IOException failed) {
            if (!fails) {
                LOG.warn("log files cannot be looked after reason={}", failed.toString());
            }
            fails = true;
        }
    }

    /** What each sink has; nothing as long as one of them has not told. */
    private List<Collection<FileState>> stored() {
        List<Collection<FileState>> states = new ArrayList<>();
        for (Pipeline pipeline : pipelines) {
            Optional<Collection<FileState>> ofSink = pipeline.stored();
            if (ofSink.isEmpty()) {
                return List.of();
            }
            states.add(ofSink.get());
        }
        return states;
    }
}
