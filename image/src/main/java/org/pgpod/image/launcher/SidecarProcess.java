package org.pgpod.image.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.lifecycle.SidecarModule;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.core.telemetry.MetricsRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process that hosts one or several sidecars: it starts them in order, waits for the end, and stops them in the
 * reverse order. If one cannot start, those before it are stopped and the process ends with its sentence.
 */
final class SidecarProcess {
    private static final Logger LOG = LoggerFactory.getLogger(SidecarProcess.class);

    private final List<SidecarModule> modules;
    private final PodSettings pod;
    private final Configuration configuration;
    private final Map<String, String> environment;
    private final Deque<Started> started = new ArrayDeque<>();
    private final HealthReports reports;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private record Started(String name, Sidecar sidecar) {}

    private SidecarProcess(
            List<SidecarModule> modules,
            PodSettings pod,
            Configuration configuration,
            Map<String, String> environment) {
        this.modules = modules;
        this.pod = pod;
        this.configuration = configuration;
        this.environment = environment;
        this.reports = new HealthReports(pod.healthDirectory());
    }

    /** Reads the configuration of the modules; every problem is reported together. */
    static SidecarProcess configure(List<SidecarModule> modules, Optional<Path> file, Map<String, String> environment)
            throws ConfigurationException {
        Set<String> used = new HashSet<>(Set.of(PodSettings.SCHEMA.name()));
        modules.forEach(module -> used.add(module.schema().name()));
        Configuration configuration = Configuration.read(file, environment, Sidecars.schemas(), used);
        PodSettings pod = PodSettings.from(configuration.section(PodSettings.SCHEMA));
        return new SidecarProcess(modules, pod, configuration, environment);
    }

    PodSettings pod() {
        return pod;
    }

    /** Does what the modules have to do before the pod starts; true only if all of it is done. */
    boolean prepare() throws IOException, ConfigurationException, InterruptedException {
        BootClock clock = LinuxBootClock.open();
        boolean done = true;
        for (SidecarModule module : modules) {
            done &= module.prepare(configuration.section(module.schema()), context(clock));
        }
        return done;
    }

    private SidecarContext context(BootClock clock) {
        String version = Version.current();
        return new SidecarContext(pod, clock, new MetricsRegistry(version).meters(), environment, version);
    }

    /** Runs until the process is asked to end. */
    void run() throws IOException, ConfigurationException, InterruptedException {
        BootClock clock = LinuxBootClock.open();
        reports.start(clock);
        List<Started> made = new ArrayList<>();
        for (SidecarModule module : modules) {
            SidecarContext context = new SidecarContext(
                    pod, clock, new MetricsRegistry(Version.current()).meters(), environment, Version.current());
            made.add(new Started(module.name(), module.create(configuration.section(module.schema()), context)));
        }
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(this::stop));
        try {
            for (Started one : made) {
                synchronized (started) {
                    started.push(one);
                }
                one.sidecar().start();
                reports.add(one.name(), one.sidecar());
                LOG.info("started sidecar={} pod={} version={}", one.name(), pod.name(), Version.current());
            }
        } catch (IOException | RuntimeException failure) {
            LOG.error("cannot start: {}", failure.getMessage());
            stop();
            throw failure;
        }
        stopped.await();
    }

    /** Stops what was started, the last first. A surprise in one does not keep the others from stopping. */
    private void stop() {
        reports.close();
        synchronized (started) {
            while (!started.isEmpty()) {
                Started one = started.pop();
                try {
                    one.sidecar().stop();
                    LOG.info("stopped sidecar={} pod={}", one.name(), pod.name());
                } catch (RuntimeException surprise) {
                    LOG.error("stopping failed sidecar={}", one.name(), surprise);
                }
            }
        }
        stopped.countDown();
    }
}
