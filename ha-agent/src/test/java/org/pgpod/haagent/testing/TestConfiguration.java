package org.pgpod.haagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.pgpod.core.testing.Unprivileged;

/** The directories and the configuration file of a pod on this machine. */
final class TestConfiguration {
    static final int POSTGRES_PORT = 5433;
    static final int API_PORT = 8008;

    private TestConfiguration() {}

    /** With further lines for the section {@code haAgent}. */
    static String yaml(
            String name,
            String address,
            Path directory,
            String kubernetesUrl,
            String leasePreset,
            List<String> options) {
        String further = options.stream().map(line -> "  " + line + "\n").collect(Collectors.joining());
        return """
                pod:
                  cluster: demo
                  namespace: default
                  name: %1$s
                  uid: uid-of-%1$s
                  address: %2$s
                  node: node-of-%1$s
                  runDirectory: %3$s/run
                  volumeDirectory: %3$s/volume
                  logDirectory: %3$s/log
                  credentialsDirectory: %3$s/credentials
                  postgresPort: %4$d
                haAgent:
                  leasePreset: %7$s
                  adminAddress: %2$s
                  adminPort: %5$d
                  kubernetesUrl: %6$s
                  postgresListenAddress: %2$s
                  clientPort: %4$d
                  peerPort: %4$d
                  peerSecurity: none
                  parameters: [shared_buffers=16MB, fsync=off]
                """.formatted(name, address, directory, POSTGRES_PORT, API_PORT, kubernetesUrl, leasePreset) + further;
    }

    /** Makes the directories of a pod, with the roles' passwords and its configuration. */
    static void prepare(Path directory, Path configuration, String yaml, String password) {
        try {
            for (String shared : List.of("", "run", "volume", "log")) {
                giveToServer(Files.createDirectories(directory.resolve(shared)));
            }
            Path credentials = Files.createDirectories(directory.resolve("credentials"));
            for (String role : List.of("postgres", "pgpod_agent", "pgpod_replication", "pgpod_rewind", "pgpod_rest")) {
                Files.writeString(credentials.resolve(role), password + "\n");
            }
            Files.writeString(configuration, yaml);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Makes a directory the server's, as the volume of a pod is. */
    static void giveToServer(Path directory) {
        if ("root".equals(System.getProperty("user.name"))) {
            Unprivileged.run(List.of("chown", "postgres:postgres", directory.toString()));
        }
        try {
            Files.setAttribute(directory, "unix:mode", 02771);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
