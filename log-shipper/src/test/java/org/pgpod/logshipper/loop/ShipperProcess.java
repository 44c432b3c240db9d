package org.pgpod.logshipper.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.Values;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.core.telemetry.MetricsRegistry;
import org.pgpod.logshipper.LogShipperModule;

/** Runs the log-shipper of a configuration file in a process of its own, until that is killed. */
public final class ShipperProcess {
    private ShipperProcess() {}

    static Sidecar sidecar(Path configuration) throws ConfigurationException, IOException {
        LogShipperModule module = new LogShipperModule();
        Configuration read = Configuration.read(
                Optional.of(configuration),
                Map.of(),
                List.of(PodSettings.SCHEMA, module.schema()),
                Set.of("pod", "logShipper"));
        Values pod = read.section(PodSettings.SCHEMA);
        SidecarContext context = new SidecarContext(
                PodSettings.from(pod), LinuxBootClock.open(), new MetricsRegistry("test").meters(), Map.of(), "test");
        return module.create(read.section(module.schema()), context);
    }

    /** Starts one; what it prints is appended to {@code shipper.out} beside its configuration. */
    static Process start(Path configuration) throws IOException {
        return start(List.of(), configuration);
    }

    /** Starts one that cannot read what its user must not. */
    static Process startWithoutPrivileges(Path configuration) throws IOException {
        boolean root = "root".equals(System.getProperty("user.name"));
        return start(
                root ? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--") : List.of(),
                configuration);
    }

    private static Process start(List<String> before, Path configuration) throws IOException {
        return start(
                before,
                configuration,
                System.getProperty("java.class.path"),
                "-XX:+UseSerialGC",
                configuration.resolveSibling("shipper.out"));
    }

    /** Starts one with another class path and one more option; what it prints is appended to a file. */
    static Process start(Path configuration, String classPath, String option, Path out) throws IOException {
        return start(List.of(), configuration, classPath, option, out);
    }

    private static Process start(List<String> before, Path configuration, String classPath, String option, Path out)
            throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                option,
                "-cp",
                classPath,
                ShipperProcess.class.getName(),
                configuration.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
                .start();
    }

    /** Whether a shipper that prints to a file of its own has opened its store. */
    static boolean hasOpened(Path out) throws IOException {
        return Files.exists(out) && Files.readString(out).contains("store open sink=");
    }

    public static void main(String[] arguments) throws Exception {
        Sidecar sidecar = sidecar(Path.of(arguments[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(sidecar::stop));
        sidecar.start();
        new CountDownLatch(1).await();
    }
}
