package org.pgpod.logshipper.loop;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.logshipper.agent.RoleQuestion;
import org.pgpod.logshipper.forward.Forwarder;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RoleHistory;
import org.pgpod.logshipper.model.Source;
import org.pgpod.logshipper.parse.Formats;
import org.pgpod.logshipper.parse.LinePrefix;
import org.pgpod.logshipper.parse.LogTime;
import org.pgpod.logshipper.sink.LogSink;
import org.pgpod.logshipper.sink.PostgresStore;
import org.pgpod.logshipper.tail.LogDirectories;
import org.pgpod.logshipper.tail.RecordReader;
import org.pgpod.logshipper.tail.ShippedFiles;
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
    private static final String POSTGRES = "postgres";
    private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);

    private final LogShipperSettings settings;
    private final SidecarContext context;
    private final List<Pipeline> pipelines = new CopyOnWriteArrayList<>();
    private final RoleHistory roles = new RoleHistory();
    private @Nullable AdminServer admin;
    private @Nullable RoleWatch roleWatch;
    private @Nullable Thread diskThread;

    private Shipper(LogShipperSettings settings, SidecarContext context) {
        this.settings = settings;
        this.context = context;
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
                pod.cluster(),
                pod.namespace(),
                pod.name(),
                pod.node(),
                pod.zone(),
                SourceIdFile.readOrMake(pod.logDirectory()));
        settings.store().ifPresent(store -> add(POSTGRES, new PostgresStore(store, source), source));
        settings.forwards().forEach(forward -> add(forward.kind().label(), new Forwarder(forward), source));
        roleWatch = RoleWatch.start(new RoleQuestion(settings.agentUrl()), roles, Clock.systemUTC());
        pipelines.forEach(Pipeline::start);
        startDiskLoop(pod);
        LOG.info(
                "log-shipper started source={} sinks={}",
                source.id(),
                pipelines.stream().map(Pipeline::name).toList());
    }

    private void startDiskLoop(PodSettings pod) {
        long bytesMax = settings.files().bytesMax();
        if (bytesMax > 0) {
            LogDirectories directories = new LogDirectories(pod.postgresLogDirectory(), pod.sidecarLogDirectory());
            DiskLoop loop = new DiskLoop(
                    new ShippedFiles(directories, bytesMax), bytesMax, List.copyOf(pipelines), context.meters());
            diskThread = Thread.ofPlatform().name("log-shipper-disk").daemon().start(loop);
        }
    }

    private void add(String name, LogSink sink, Source source) {
        PodSettings pod = context.pod();
        Formats formats = new Formats(new LogTime(settings.logTimeZone()), new LinePrefix(settings.logLinePrefix()));
        LogDirectories directories = new LogDirectories(pod.postgresLogDirectory(), pod.sidecarLogDirectory());
        pipelines.add(new Pipeline(
                name,
                sink,
                settings,
                directories,
                new RecordReader(formats::framer, settings.recordBytesMax()),
                new BatchFiller(
                        source, formats, copies(directories, formats), settings.knowledge(), roles, Clock.systemUTC()),
                new ShipperMeters(context.meters(), name)));
    }

    /** Postgres may log in several formats at once: the one that it writes first is where a record is read. */
    private static Map<LogStream, StructuredRecords> copies(LogDirectories directories, Formats formats) {
        return Map.of(
                LogStream.POSTGRES,
                new StructuredRecords(directories, EnumSet.of(LogStream.CSVLOG), formats),
                LogStream.STDERR,
                new StructuredRecords(directories, EnumSet.of(LogStream.POSTGRES, LogStream.CSVLOG), formats));
    }

    private static String scrape(MeterRegistry meters) {
        return meters instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : "";
    }

    /** Ready when every sink is; what is wrong with one is told under its name. */
    @Override
    public Health health() {
        if (pipelines.isEmpty()) {
            return Health.notReady("not started");
        }
        boolean live = true;
        boolean ready = true;
        Map<String, String> details = new LinkedHashMap<>();
        for (Pipeline pipeline : pipelines) {
            Health one = pipeline.health();
            live &= one.live();
            ready &= one.ready();
            one.details().forEach((key, value) -> details.put(pipeline.name() + "." + key, value));
        }
        return new Health(live, ready, details);
    }

    @Override
    public void stop() {
        if (diskThread != null) {
            diskThread.interrupt();
        }
        pipelines.forEach(Pipeline::drain);
        boolean interrupted = awaitAll(settings.drainTimeout());
        pipelines.forEach(Pipeline::abort);
        interrupted |= awaitAll(LAST_WAIT);
        if (roleWatch != null) {
            roleWatch.close();
        }
        if (admin != null) {
            admin.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the pipelines; true if that was interrupted. */
    private boolean awaitAll(Duration most) {
        long deadline = System.nanoTime() + most.toNanos();
        try {
            for (Pipeline pipeline : pipelines) {
                pipeline.awaitEnd(deadline);
            }
            return false;
        } catch (InterruptedException stopped) {
            return true;
        }
    }
}
