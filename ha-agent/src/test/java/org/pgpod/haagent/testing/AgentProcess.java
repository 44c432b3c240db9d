package org.pgpod.haagent.testing;

import ch.qos.logback.classic.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.core.telemetry.JsonLogging;
import org.pgpod.core.telemetry.MetricsRegistry;
import org.pgpod.haagent.HaAgentModule;

/** An agent as a process of its own, so that tests can kill and stop it like one in a container. */
public final class AgentProcess {
    private static final String VERSION = "0.1.0";

    private AgentProcess() {}

    /** Runs the agent with the configuration file that the one argument names, until the process is told to end. */
    public static void main(String[] arguments) throws Exception {
        JsonLogging.start("ha-agent", Level.INFO, Optional.empty());
        HaAgentModule module = new HaAgentModule();
        Configuration configuration = Configuration.read(
                Optional.of(Path.of(arguments[0])),
                Map.of(),
                List.of(PodSettings.SCHEMA, module.schema()),
                Set.of(PodSettings.SCHEMA.name(), module.schema().name()));
        PodSettings pod = PodSettings.from(configuration.section(PodSettings.SCHEMA));
        SidecarContext context = new SidecarContext(
                pod, LinuxBootClock.open(), new MetricsRegistry(VERSION).meters(), Map.of(), VERSION);
        Sidecar sidecar = module.create(configuration.section(module.schema()), context);
        sidecar.start();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            sidecar.stop();
            ended.countDown();
        }));
        ended.await();
    }
}
