package org.pgpod.exporter.loop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.pgpod.exporter.host.PostgresHost;
import org.pgpod.exporter.host.Volumes;
import org.pgpod.exporter.model.FamilyState;
import org.pgpod.exporter.model.HostMetric;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the kernel's files at a cadence, so that no scrape ever waits for them. Volumes have a thread of their own: one that
 * hangs makes nothing else old.
 */
public final class HostWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostWatch.class);

    private final Duration interval;
    private final LongSupplier clockMillis;
    private final List<Source> sources;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /** Prepares everything and starts nothing. */
    public HostWatch(PostgresHost postgres, Volumes volumes, Duration interval, LongSupplier clockMillis) {
        this.interval = interval;
        this.clockMillis = clockMillis;
        this.sources = List.of(new Source("postgres", postgres::read), new Source("volumes", volumes::read));
    }

    private static final class Source {
        private final String name;
        private final Supplier<List<MetricFamily>> reader;

        // Replaced as a whole by the source's thread.
        private volatile Optional<Reading> last = Optional.empty();

        Source(String name, Supplier<List<MetricFamily>> reader) {
            this.name = name;
            this.reader = reader;
        }
    }

    private record Reading(List<MetricFamily> families, long startedAtMillis) {}

    /** Starts the readings. */
    public void start() {
        for (Source source : sources) {
            // Not virtual: a call that hangs in the kernel would keep one of the few carriers.
            Thread.ofPlatform().daemon().name("host-" + source.name).start(() -> watch(source));
        }
    }

    private void watch(Source source) {
        boolean failed = false;
        try {
            do {
                try {
                    long startedAt = clockMillis.getAsLong();
                    source.last = Optional.of(new Reading(source.reader.get(), startedAt));
                    failed = false;
                } catch (RuntimeException surprise) {
                    if (!failed) {
                        LOG.error("host reading failed source={}", source.name, surprise);
                    }
                    failed = true;
                }
            } while (!stopping.await(interval.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** What was read last, with its age; what is too old is left out. */
    public List<MetricFamily> families() {
        long now = clockMillis.getAsLong();
        List<MetricFamily> shown = new ArrayList<>();
        MetricFamily.Builder ages = new MetricFamily.Builder(
                HostMetric.READ_AGE.metric(), HostMetric.READ_AGE.type(), HostMetric.READ_AGE.help());
        for (Source source : sources) {
            source.last.ifPresent(reading -> {
                Duration age = Duration.ofMillis(now - reading.startedAtMillis());
                ages.add(LabelText.of("source", source.name), age.toMillis() / 1e3);
                if (age.compareTo(FamilyState.STALE_AFTER) <= 0) {
                    shown.addAll(reading.families());
                }
            });
        }
        shown.add(ages.build());
        return shown;
    }

    @Override
    public void close() {
        stopping.countDown();
    }
}
