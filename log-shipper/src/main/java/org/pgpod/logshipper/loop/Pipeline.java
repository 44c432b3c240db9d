package org.pgpod.logshipper.loop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.sink.LogSink;
import org.pgpod.logshipper.tail.LogDirectories;
import org.pgpod.logshipper.tail.RecordReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from the files to one sink: a thread that reads and one that delivers. Pipelines share nothing but the files, so
 * that a sink that is away holds no other up; each has a position of its own.
 */
final class Pipeline {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

    private final String name;
    private final LogSink sink;
    private final Exchange exchange;
    private final ShipperMeters meters;
    private final ReadingWarnings warnings;
    private final ReadLoop reading;
    private final StoreLoop storing;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean failed;

    /** @param name of the sink, for metrics, threads and health */
    Pipeline(
            String name,
            LogSink sink,
            LogShipperSettings settings,
            LogDirectories directories,
            RecordReader reader,
            BatchFiller filler,
            ShipperMeters meters) {
        this.name = name;
        this.sink = sink;
        this.meters = meters;
        this.exchange = new Exchange(settings.bufferBytes() / settings.sinks());
        this.warnings = new ReadingWarnings(name, settings, meters);
        this.reading = new ReadLoop(settings, directories, reader, filler, exchange, meters, warnings);
        this.storing = new StoreLoop(name, sink, exchange, reading, meters, settings.retryMax());
    }

    String name() {
        return name;
    }

    void start() {
        threads.add(thread("log-shipper-read-" + name, reading));
        threads.add(thread("log-shipper-store-" + name, storing));
    }

    private Thread thread(String threadName, Runnable loop) {
        return Thread.ofPlatform().name(threadName).daemon().start(() -> {
            try {
                loop.run();
            } catch (RuntimeException | Error surprise) {
                failed = true;
                LOG.error("thread ended by surprise thread={}", threadName, surprise);
            }
        });
    }

    Health health() {
        if (failed) {
            return new Health(false, false, Map.of("reason", "a thread has ended by surprise; the log says why"));
        }
        return switch (storing.state()) {
            case StoreLoop.State.Open open -> {
                Map<String, String> details = new LinkedHashMap<>(warnings.details());
                details.put("store", "open");
                details.put("epoch", Long.toString(open.epoch()));
                details.put("lagBytes", "" + meters.lagBytes());
                yield Health.ready(details);
            }
            case StoreLoop.State.Away away -> Health.notReady("the store is away: " + away.reason());
            case StoreLoop.State.Fenced fenced ->
                Health.notReady("a younger shipper of this source writes with epoch " + fenced.epoch());
        };
    }

    /** How far the sink has each file; empty before it was reached for the first time. */
    Optional<Collection<FileState>> stored() {
        return storing.stored();
    }

    /** Asks for an end once everything that is there is delivered. */
    void drain() {
        exchange.drain();
    }

    /** Waits until it has ended, at most until this reading of {@link System#nanoTime}. */
    void awaitEnd(long deadlineNanos) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime())));
        }
    }

    /** Ends it with whatever is left undelivered. */
    void abort() {
        threads.forEach(Thread::interrupt);
        if (threads.stream().anyMatch(Thread::isAlive)) {
            LOG.warn("stopped with records left sink={} lagBytes={}", name, meters.lagBytes());
            sink.abort();
        }
    }
}
