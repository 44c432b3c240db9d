package org.pgpod.extensionloader.loop;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** The meters of the loader; Prometheus sees them as {@code pgpod_extension_*}. */
public final class LoaderMeters {
    private final AtomicInteger desired;
    private final AtomicInteger loaded;
    private final AtomicInteger pending;
    private final MeterRegistry meters;
    private final Counter downloads;
    private final Timer syncs;

    public LoaderMeters(MeterRegistry meters) {
        this.meters = meters;
        desired = gauge("pgpod.extension.desired", "Extensions in the desired list");
        loaded = gauge("pgpod.extension.loaded", "Desired extensions that this pod's Postgres can load");
        pending = gauge("pgpod.extension.pending", "Desired extensions that cannot be loaded yet");
        downloads = Counter.builder("pgpod.extension.download.bytes")
                .description("Bytes of packages downloaded")
                .register(meters);
        syncs = Timer.builder("pgpod.extension.sync")
                .description("Time from plan to linked files")
                .register(meters);
        for (Phase phase : Phase.values()) {
            failures(phase);
        }
    }

    /** Where something can fail. */
    enum Phase {
        DESIRED,
        REPOSITORY,
        PLAN,
        INSTALL,
        CREATE
    }

    private AtomicInteger gauge(String name, String description) {
        AtomicInteger value = new AtomicInteger();
        Gauge.builder(name, value, AtomicInteger::get).description(description).register(meters);
        return value;
    }

    private Counter failures(Phase phase) {
        return Counter.builder("pgpod.extension.failures")
                .description("Failed attempts, by what failed")
                .tag("phase", phase.name().toLowerCase(Locale.ROOT))
                .register(meters);
    }

    void counts(int desiredNow, int loadedNow) {
        desired.set(desiredNow);
        loaded.set(loadedNow);
        pending.set(desiredNow - loadedNow);
    }

    void failed(Phase phase) {
        failures(phase).increment();
    }

    void downloaded(long bytes) {
        downloads.increment((double) bytes);
    }

    void synced(Duration took) {
        syncs.record(took);
    }

    void created(String outcome) {
        Counter.builder("pgpod.extension.creations")
                .description("Extensions created or updated in a database")
                .tag("outcome", outcome)
                .register(meters)
                .increment();
    }
}
