package org.pgpod.exporter;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.core.telemetry.MetricsRegistry;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** The exporter as the launcher runs it, from a configuration file, against a real server. */
final class RunningExporter implements AutoCloseable {
    static final String PASSWORD = "not-a-real-password";

    /** Only the exporter's role needs its password, and only over TCP. */
    private static final String HBA = """
            host all pgpod_exporter 127.0.0.1/32 scram-sha-256
            host all,replication all 127.0.0.1/32 trust
            local all,replication all trust
            """;

    private final Path directory;
    private final Sidecar sidecar;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();

    private RunningExporter(Path directory, Sidecar sidecar, int port) {
        this.directory = directory;
        this.sidecar = sidecar;
        this.port = port;
    }

    /** Gives a server the exporter's role as ha-agent does. */
    static PostgresServer prepared(PostgresServer server) {
        server.hba(HBA);
        server.reload();
        server.execute("SET password_encryption = 'scram-sha-256'; CREATE ROLE pgpod_exporter LOGIN PASSWORD '"
                + PASSWORD + "'; GRANT pg_monitor TO pgpod_exporter");
        return server;
    }

    /** Starts an exporter; {@code options} are lines of its section. */
    static RunningExporter on(int postgresPort, String... options) throws Exception {
        Path directory = Unprivileged.directory("exporter");
        Files.writeString(directory.resolve("pgpod_exporter"), PASSWORD + "\n");
        int port = PostgresServer.freePort();
        if (Stream.of(options).noneMatch(option -> option.startsWith("adminPort"))) {
            options = Stream.concat(Stream.of(options), Stream.of("adminPort: " + port))
                    .toArray(String[]::new);
        }
        StringBuilder file = new StringBuilder("""
                pod: {cluster: demo, namespace: default, name: demo-0, uid: u, address: 127.0.0.1, postgresPort: %d,
                      credentialsDirectory: %s, runDirectory: %s}
                exporter:
                  adminAddress: 127.0.0.1
                """.formatted(postgresPort, directory, directory));
        for (String option : options) {
            file.append("  ").append(option).append('\n');
        }
        Path yaml = Files.writeString(directory.resolve("pgpod.yaml"), file);
        ExporterModule module = new ExporterModule();
        Configuration configuration = Configuration.read(
                Optional.of(yaml),
                Map.of(),
                List.of(PodSettings.SCHEMA, module.schema()),
                Set.of("pod", module.schema().name()));
        SidecarContext context = new SidecarContext(
                PodSettings.from(configuration.section(PodSettings.SCHEMA)),
                LinuxBootClock.open(),
                new MetricsRegistry("0.1.0").meters(),
                Map.of(),
                "0.1.0");
        Sidecar sidecar = module.create(configuration.section(module.schema()), context);
        RunningExporter exporter = new RunningExporter(directory, sidecar, port);
        try {
            sidecar.start();
        } catch (IOException failed) {
            exporter.close();
            throw failed;
        }
        return exporter;
    }

    static RunningExporter on(PostgresServer server, String... options) throws Exception {
        return on(server.port(), options);
    }

    int port() {
        return port;
    }

    Path credential() {
        return directory.resolve("pgpod_exporter");
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return client.send(request(path, headers), HttpResponse.BodyHandlers.ofString());
    }

    CompletableFuture<HttpResponse<String>> getLater(String path) {
        return client.sendAsync(request(path), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    Page scrape(String... headers) throws IOException, InterruptedException {
        long start = System.nanoTime();
        HttpResponse<String> response = get("/metrics", headers);
        if (response.statusCode() != 200) {
            throw new AssertionError("status " + response.statusCode() + ": " + response.body());
        }
        return Page.parse(response.body(), (System.nanoTime() - start) / 1_000_000);
    }

    @Override
    public void close() {
        sidecar.stop();
        client.close();
        Unprivileged.delete(directory);
    }
}
