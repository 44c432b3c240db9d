package org.pgpod.extensionloader;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.extensionloader.install.InstalledFiles;
import org.pgpod.extensionloader.install.PackageStore;
import org.pgpod.extensionloader.install.RelocatedTree;
import org.pgpod.extensionloader.install.ServerImage;
import org.pgpod.extensionloader.install.UnpackLimits;
import org.pgpod.extensionloader.loop.DesiredList;
import org.pgpod.extensionloader.loop.ExtensionLoop;
import org.pgpod.extensionloader.loop.LoaderMeters;
import org.pgpod.extensionloader.loop.Synchronizer;
import org.pgpod.extensionloader.resolve.PackageNames;
import org.pgpod.extensionloader.source.Limits;
import org.pgpod.extensionloader.source.Repositories;
import org.pgpod.extensionloader.sql.AgentStatus;
import org.pgpod.extensionloader.sql.ExtensionCreator;

/**
 * The sidecar: builds the tree, then keeps it and the databases as the desired list wants them.
 *
 * <p>It is ready once a first pass is over, whatever came of it: an extension that cannot be had must not take a working
 * database out of service. What is wrong stands in the details of {@code /readyz} and in the metrics.
 */
final class ExtensionLoader implements Sidecar {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final long SOURCES_BYTES_MAX = 1 << 20;

    private final ExtensionLoaderSettings settings;
    private final PodSettings pod;
    private final MeterRegistry meters;
    private final AgentStatus agent;

    private volatile @Nullable ExtensionLoop loop;
    private @Nullable DirectoryLock lock;
    private @Nullable AdminServer admin;
    private @Nullable Thread thread;

    ExtensionLoader(ExtensionLoaderSettings settings, SidecarContext context) {
        this.settings = settings;
        this.pod = context.pod();
        this.meters = context.meters();
        this.agent = new AgentStatus(settings.agentUrl());
    }

    @Override
    public void start() throws IOException {
        lock = DirectoryLock.take(pod.extensionDirectory());
        ExtensionLoop opened = open();
        loop = opened;
        admin = AdminServer.bind(settings.admin())
                .health(this::health)
                .metrics(() -> meters instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : "")
                .start();
        thread = Thread.ofPlatform().name("extension-loader").start(() -> opened.run(settings.interval()));
    }

    /** Builds the tree so that Postgres can start from it, and loads what can be had in time; true if that is all. */
    boolean firstSync() throws IOException, InterruptedException {
        lock = DirectoryLock.take(pod.extensionDirectory());
        try {
            return open().loadWithin(settings.firstSyncTimeout(), settings.retryLeast());
        } finally {
            stop();
        }
    }

    private ExtensionLoop open() throws IOException {
        ServerImage image = settings.postgresVersion() == 0
                ? ServerImage.detect(settings.imageRoot())
                : new ServerImage(settings.imageRoot(), settings.postgresVersion());
        Path directory = pod.extensionDirectory();
        PackageStore store = new PackageStore(directory, image.major(), UnpackLimits.DEFAULT);
        Synchronizer synchronizer = new Synchronizer(new Synchronizer.Parts(
                image,
                new PackageNames(image.major(), settings.packages()),
                settings.imagePackages(),
                settings.lockFile(),
                new Repositories(new Repositories.Configuration(
                        settings.aptDirectory(),
                        repositorySources(),
                        settings.architecture(),
                        directory.resolve("lists"),
                        settings.refreshInterval(),
                        Limits.DEFAULT)),
                store,
                new RelocatedTree(directory, image, store),
                new InstalledFiles(directory, pod.installedExtensions())));
        synchronizer.open();
        ExtensionCreator.Server server = new ExtensionCreator.Server(
                settings.postgresAddress(), pod.postgresPort(), settings.lockTimeout(), settings.createTimeout());
        return new ExtensionLoop(
                new DesiredList(settings.extensions(), settings.desiredFile()),
                synchronizer,
                agent,
                new ExtensionCreator(server, new Credential(pod.credential(ExtensionCreator.ROLE))),
                new LoaderMeters(meters),
                new ExtensionLoop.Retry(settings.retryLeast(), settings.retryMost()),
                Clock.systemUTC());
    }

    private Optional<String> repositorySources() throws IOException {
        Optional<String> text = settings.repositories();
        if (text.isEmpty() || !text.get().startsWith("/")) {
            return text;
        }
        Path file = Path.of(text.get().strip());
        if (Files.size(file) > SOURCES_BYTES_MAX) {
            throw new IOException(file + " is larger than " + SOURCES_BYTES_MAX + " bytes");
        }
        return Optional.of(Files.readString(file));
    }

    @Override
    public Health health() {
        ExtensionLoop running = loop;
        if (running == null || !running.passed()) {
            return Health.notReady("the first pass is not over");
        }
        return Health.ready(running.states());
    }

    @Override
    public void stop() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(STOP_LIMIT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        agent.close();
        if (admin != null) {
            admin.close();
        }
        if (lock != null) {
            try {
                lock.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
