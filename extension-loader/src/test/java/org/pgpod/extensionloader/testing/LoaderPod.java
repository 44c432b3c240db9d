package org.pgpod.extensionloader.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.core.telemetry.MetricsRegistry;
import org.pgpod.extensionloader.ExtensionLoaderModule;

/** The directories of a pod and a loader configured for them. */
public final class LoaderPod {
    public static final String PASSWORD = "loader-password";

    private final ExtensionLoaderModule module = new ExtensionLoaderModule();
    private final Path directory;
    private final Path file;
    private final int adminPort;

    /** A pod below {@code directory}, whose section {@code extensionLoader} has these further lines. */
    public LoaderPod(Path directory, int postgresPort, int adminPort, String lines) throws IOException {
        this.directory = directory;
        this.adminPort = adminPort;
        Files.createDirectories(directory.resolve("run"));
        Files.createDirectories(directory.resolve("credentials"));
        Files.writeString(directory.resolve("credentials/pgpod_loader"), PASSWORD + "\n");
        file = Files.writeString(
                directory.resolve("pgpod.yaml"), """
                pod:
                  cluster: demo
                  namespace: default
                  name: demo-0
                  uid: u
                  address: 127.0.0.1
                  runDirectory: %1$s/run
                  extensionDirectory: %1$s/extensions
                  credentialsDirectory: %1$s/credentials
                  postgresPort: %2$d
                extensionLoader:
                  adminAddress: 127.0.0.1
                  adminPort: %3$d
                  desiredFile: %1$s/desired
                  interval: 100ms
                  retryLeast: 200ms
                %4$s
                """.formatted(directory, postgresPort, adminPort, lines.indent(2)));
    }

    public Path extensions() {
        return directory.resolve("extensions");
    }

    public Path tree() {
        return extensions().resolve("tree");
    }

    public Path programs() {
        return tree().resolve("lib/postgresql/15/bin");
    }

    /** Replaces the desired list. */
    public void want(String... entries) throws IOException {
        Path next = Files.writeString(directory.resolve("desired.new"), String.join("\n", entries) + "\n");
        Files.move(next, directory.resolve("desired"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /** The text of installed.json; empty if it is not there. */
    public String installed() throws IOException {
        Path report = directory.resolve("run/extensions/installed.json");
        return Files.exists(report) ? Files.readString(report) : "";
    }

    public String digest() throws IOException {
        return new ObjectMapper().readTree(installed()).path("digest").asText();
    }

    public boolean firstSync() throws IOException, ConfigurationException, InterruptedException {
        return module.prepare(configuration().section(module.schema()), context());
    }

    public Sidecar sidecar() throws IOException, ConfigurationException {
        return module.create(configuration().section(module.schema()), context());
    }

    public int adminPort() {
        return adminPort;
    }

    private SidecarContext context() throws IOException, ConfigurationException {
        return new SidecarContext(
                PodSettings.from(configuration().section(PodSettings.SCHEMA)),
                LinuxBootClock.open(),
                new MetricsRegistry("test").meters(),
                Map.of(),
                "test");
    }

    private Configuration configuration() throws ConfigurationException {
        return Configuration.read(
                Optional.of(file),
                Map.of(),
                List.of(PodSettings.SCHEMA, module.schema()),
                Set.of("pod", "extensionLoader"));
    }
}
