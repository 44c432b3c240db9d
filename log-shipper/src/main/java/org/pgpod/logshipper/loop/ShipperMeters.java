package org.pgpod.logshipper.loop;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.pgpod.logshipper.model.Batch;
import org.pgpod.logshipper.model.EventCounts;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.PostgresEvent;
import org.pgpod.logshipper.model.SqlStateClasses;
import org.pgpod.logshipper.model.Verdict;

/** The meters {@code pgpod_log_*} of one sink. What is shipped is counted when the sink has confirmed it. */
final class ShipperMeters {
    private static final int STATE_CLASS_LENGTH = 2;

    private final MeterRegistry registry;
    private final Tags sink;
    private final Map<LogStream, Counter> records = new EnumMap<>(LogStream.class);
    private final Map<LogStream, Counter> bytes = new EnumMap<>(LogStream.class);
    private final Map<Verdict, Counter> deadLetters = new EnumMap<>(Verdict.class);
    private final Counter truncatedRecords;
    private final Timer batches;
    private final AtomicLong lagBytes = new AtomicLong();
    private final AtomicLong rewrittenFiles = new AtomicLong();
    private final AtomicLong unreadableFiles = new AtomicLong();
    private final AtomicLong fenced = new AtomicLong();
    private volatile double unmatchedPrefix;
    private volatile double overwriteSeconds = Double.POSITIVE_INFINITY;

    /** The nanosecond reading since which something waits to be stored; 0 when nothing does. */
    private final AtomicLong behindSince = new AtomicLong();

    /** Meters of one sink. */
    ShipperMeters(MeterRegistry registry, String sinkName) {
        this.registry = registry;
        this.sink = Tags.of("sink", sinkName);
        for (LogStream stream : LogStream.values()) {
            records.put(stream, counter("pgpod.log.records", "Records stored", "stream", stream.label()));
            bytes.put(stream, counter("pgpod.log.bytes", "Bytes of records stored", "stream", stream.label()));
        }
        for (Verdict verdict : Verdict.values()) {
            if (verdict != Verdict.PARSED && verdict != Verdict.BLANK) {
                deadLetters.put(
                        verdict,
                        counter("pgpod.log.dead.letters", "Records stored as dead letters", "reason", verdict.label()));
            }
        }
        truncatedRecords = Counter.builder("pgpod.log.truncated.records")
                .description("Records stored without their end, because they were too long")
                .tags(sink)
                .register(registry);
        batches = Timer.builder("pgpod.log.batches")
                .description("Batches stored, and the time each took with all its attempts")
                .tags(sink)
                .register(registry);
        Gauge.builder("pgpod.log.lag.bytes", lagBytes, AtomicLong::get)
                .description("Bytes in the log files that are not stored yet")
                .tags(sink)
                .register(registry);
        Gauge.builder("pgpod.log.lag.seconds", this, ShipperMeters::lagSeconds)
                .description("Time since everything that was written had been stored")
                .tags(sink)
                .register(registry);
        Gauge.builder("pgpod.log.rewritten.files", rewrittenFiles, AtomicLong::get)
                .description("Files found truncated or written anew since the start")
                .tags(sink)
                .register(registry);
        Gauge.builder("pgpod.log.unreadable.files", unreadableFiles, AtomicLong::get)
                .description("Log files that cannot be opened now")
                .tags(sink)
                .register(registry);
        Gauge.builder("pgpod.log.unmatched.prefix.ratio", this, meters -> meters.unmatchedPrefix)
                .description("The share of the last lines of standard error that do not begin with logLinePrefix")
                .tags(sink)
                .register(registry);
        Gauge.builder("pgpod.log.overwrite.seconds", this, meters -> meters.overwriteSeconds)
                .description("Time until Postgres may overwrite a log file that is not shipped, by logFilename")
                .tags(sink)
                .register(registry);
        Gauge.builder("pgpod.log.fenced", fenced, AtomicLong::get)
                .description("1 when a younger shipper has taken the source over")
                .tags(sink)
                .register(registry);
    }

    private Counter counter(String name, String description, String label, String value) {
        return Counter.builder(name)
                .description(description)
                .tags(sink.and(label, value))
                .register(registry);
    }

    void stored(Batch batch, Duration took) {
        batches.record(took);
        truncatedRecords.increment((double) batch.truncated());
        records.forEach((stream, counter) -> counter.increment((double) batch.records(stream)));
        bytes.forEach((stream, counter) -> counter.increment((double) batch.recordBytes(stream)));
        countEvents(batch.events());
        deadLetters.forEach((verdict, counter) -> counter.increment((double) batch.deadLetters(verdict)));
    }

    /** Labels are of fixed sets: events, severities, classes of SQLSTATE. */
    private void countEvents(EventCounts counts) {
        counts.forEachEvent((event, severity, count) -> Counter.builder("pgpod.log.events")
                .description("Records of Postgres by event and severity, whether stored or left out")
                .tags(sink)
                .tag("event", event.map(PostgresEvent::label).orElse("none"))
                .tag("severity", severity.label())
                .register(registry)
                .increment((double) count));
        counts.forEachOmission((event, reason, count) -> Counter.builder("pgpod.log.omitted.records")
                .description("Records that were left out as the configuration asks")
                .tags(sink)
                .tag("event", event.map(PostgresEvent::label).orElse("none"))
                .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .increment((double) count));
        for (int i = 0; i < SqlStateClasses.ALL.size(); i++) {
            if (counts.states(i) > 0) {
                counter(
                                "pgpod.log.sqlstates",
                                "Records of Postgres by class of SQLSTATE",
                                "class",
                                SqlStateClasses.ALL.get(i))
                        .increment((double) counts.states(i));
            }
        }
    }

    /** Counts a failure by the class of its SQLSTATE, of which there are few. */
    void storeFailed(String state) {
        String label = state.matches("[0-9A-Z]{5}") ? state.substring(0, STATE_CLASS_LENGTH) : state;
        counter("pgpod.log.sink.errors", "Failures of the store, by class of SQLSTATE", "state", label)
                .increment();
    }

    void lag(long unstoredBytes, long nowNanos) {
        lagBytes.set(unstoredBytes);
        if (unstoredBytes == 0) {
            behindSince.set(0);
        } else {
            behindSince.compareAndSet(0, nowNanos);
        }
    }

    private double lagSeconds() {
        long since = behindSince.get();
        return since == 0 ? 0 : Duration.ofNanos(System.nanoTime() - since).toMillis() / 1e3;
    }

    void files(long rewritten, long unreadable) {
        rewrittenFiles.set(rewritten);
        unreadableFiles.set(unreadable);
    }

    void unmatchedPrefix(double share) {
        unmatchedPrefix = share;
    }

    void overwrite(double seconds) {
        overwriteSeconds = seconds;
    }

    void fenced() {
        fenced.set(1);
    }

    long lagBytes() {
        return lagBytes.get();
    }
}
