package org.pgpod.logshipper.loop;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.Redactor;
import org.pgpod.logshipper.model.Source;
import org.pgpod.logshipper.parse.Formats;
import org.pgpod.logshipper.parse.LinePrefix;
import org.pgpod.logshipper.parse.LogTime;
import org.pgpod.logshipper.sink.PostgresStore;
import org.pgpod.logshipper.tail.LogDirectories;
import org.pgpod.logshipper.tail.RecordReader;
import org.pgpod.logshipper.tail.SourceIdFile;
import org.pgpod.logshipper.tail.StructuredRecords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log-shipper of one pod. It starts without the store and never ends because of it; stopping stores what is there, for
 * as long as the configuration allows.
 */
public final class Shipper implements Sidecar {
    /** The options of the section {@code logShipper}. */
    public static final SectionSchema SCHEMA = LogShipperSettings.SCHEMA;

    private static final Duration LAST_WAIT = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);

    private final LogShipperSettings settings;
    private final SidecarContext context;
    private final List<Thread> threads = new ArrayList<>();
    private final Exchange exchange;
    private final ShipperMeters meters;
    private volatile boolean failed;
    private volatile @Nullable StoreLoop storing;
    private @Nullable PostgresStore store;
    private @Nullable AdminServer admin;

    private Shipper(LogShipperSettings settings, SidecarContext context) {
        this.settings = settings;
        this.context = context;
        this.exchange = new Exchange(settings.bufferBytes());
        this.meters = new ShipperMeters(context.meters());
    }

    /** Makes a shipper from the section's values; nothing runs yet. */
    public static Shipper create(Values values, SidecarContext context) throws ConfigurationException {
        return new Shipper(LogShipperSettings.from(values, context.pod()), context);
    }

    @Override
    public void start() throws IOException {
        admin = AdminServer.bind(new InetSocketAddress(settings.adminAddress(), settings.adminPort()))
                .health(this::health)
                .metrics(() -> scrape(context.meters()))
                .start();
        PodSettings pod = context.pod();
        Source source = new Source(
                pod.cluster(), pod.namespace(), pod.name(), pod.node(), SourceIdFile.readOrMake(pod.logDirectory()));
        PostgresStore opened = new PostgresStore(settings.store(), source);
        store = opened;
        Formats formats = new Formats(new LogTime(settings.logTimeZone()), new LinePrefix(settings.logLinePrefix()));
        LogDirectories directories = new LogDirectories(pod.postgresLogDirectory(), pod.sidecarLogDirectory());
        ReadLoop reading = new ReadLoop(
                settings,
                directories,
                new RecordReader(formats::framer, settings.recordBytesMax()),
                new BatchFiller(source, formats, copies(directories, formats), Redactor.NONE, Clock.systemUTC()),
                exchange,
                meters);
        StoreLoop storeLoop = new StoreLoop(opened, exchange, reading, meters, settings.retryMax());
        storing = storeLoop;
        threads.add(thread("log-shipper-read", reading));
        threads.add(thread("log-shipper-store", storeLoop));
        LOG.info(
                "log-shipper started source={} sink={}",
                source.id(),
                settings.store().host());
    }

    /** Postgres may log in several formats at once: the one that it writes first is where a record is read. */
    private static Map<LogStream, StructuredRecords> copies(LogDirectories directories, Formats formats) {
        return Map.of(
                LogStream.POSTGRES,
                new StructuredRecords(directories, EnumSet.of(LogStream.CSVLOG), formats),
                LogStream.STDERR,
                new StructuredRecords(directories, EnumSet.of(LogStream.POSTGRES, LogStream.CSVLOG), formats));
    }

    private Thread thread(String name, Runnable loop) {
        return Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                loop.run();
            } catch (RuntimeException | Error surprise) {
                failed = true;
                LOG.error("thread ended by surprise thread={}", name, surprise);
            }
        });
    }

    private static String scrape(MeterRegistry meters) {
        return meters instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : "";
    }

    @Override
    public Health health() {
        if (failed) {
            return new Health(false, false, Map.of("reason", "a thread has ended by surprise; the log says why"));
        }
        StoreLoop loop = storing;
        if (loop == null) {
            return Health.notReady("not started");
        }
        return switch (loop.state()) {
            case StoreLoop.State.Open open ->
                Health.ready(Map.of(
                        "store", "open", "epoch", Long.toString(open.epoch()), "lagBytes", "" + meters.lagBytes()));
            case StoreLoop.State.Away away -> Health.notReady("the store is away: " + away.reason());
            case StoreLoop.State.Fenced fenced ->
                Health.notReady("a younger shipper of this source writes with epoch " + fenced.epoch());
        };
    }

    @Override
    public void stop() {
        exchange.drain();
        boolean interrupted = joinAll(settings.drainTimeout());
        threads.forEach(Thread::interrupt);
        if (threads.stream().anyMatch(Thread::isAlive)) {
            LOG.warn("stopped with records left lagBytes={}", meters.lagBytes());
            if (store != null) {
                store.abort();
            }
        }
        interrupted |= joinAll(LAST_WAIT);
        if (admin != null) {
            admin.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the threads; true if that was interrupted. */
    private boolean joinAll(Duration most) {
        long deadline = System.nanoTime() + most.toNanos();
        try {
            for (Thread thread : threads) {
                thread.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            }
            return false;
        } catch (InterruptedException interrupted) {
            return true;
        }
    }
}
