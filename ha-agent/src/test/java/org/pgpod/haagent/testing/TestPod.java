package org.pgpod.haagent.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** One pod on this machine: its own loopback address and directories, the real supervisor, Postgres, and an agent process. */
public final class TestPod {
    static final String PASSWORD = "a password for tests";
    private static final int POSTGRES_PORT = 5433;
    private static final int API_PORT = 8008;
    private static final Duration READ_LIMIT = Duration.ofSeconds(3);
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(90);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final String address;
    private final Path directory;
    private final Path supervisorScript;
    private final Path configuration;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private Optional<Process> supervisor = Optional.empty();
    private Optional<Process> agent = Optional.empty();

    TestPod(
            String name,
            String address,
            Path base,
            Path supervisorScript,
            String kubernetesUrl,
            String leasePreset,
            List<String> options) {
        this.name = name;
        this.address = address;
        this.directory = base.resolve(name);
        this.supervisorScript = supervisorScript;
        this.configuration = directory.resolve("pgpod.yaml");
        try {
            for (String shared : List.of("", "run", "volume", "log")) {
                Path made = Files.createDirectories(directory.resolve(shared));
                giveToServer(made);
                Files.setAttribute(made, "unix:mode", 02771);
            }
            Path credentials = Files.createDirectories(directory.resolve("credentials"));
            for (String role : List.of("postgres", "pgpod_agent", "pgpod_replication", "pgpod_rewind")) {
                Files.writeString(credentials.resolve(role), PASSWORD + "\n");
            }
            Files.writeString(configuration, yaml(kubernetesUrl, leasePreset) + section(options));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void giveToServer(Path made) {
        if ("root".equals(System.getProperty("user.name"))) {
            Unprivileged.run(List.of("chown", "postgres:postgres", made.toString()));
        }
    }

    private static String section(List<String> options) {
        return options.stream().map(line -> "  " + line + "\n").collect(Collectors.joining());
    }

    private String yaml(String kubernetesUrl, String leasePreset) {
        return """
                pod:
                  cluster: demo
                  namespace: default
                  name: %1$s
                  uid: uid-of-%1$s
                  address: %2$s
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
                """.formatted(name, address, directory, POSTGRES_PORT, API_PORT, kubernetesUrl, leasePreset);
    }

    public String name() {
        return name;
    }

    public void startSupervisor() {
        supervisor = Optional.of(start(
                "supervisor.log",
                Unprivileged.asServer(List.of(
                        "env",
                        "PGPOD_RUN=" + directory.resolve("run"),
                        "PGPOD_VOLUME=" + directory.resolve("volume"),
                        "PGPOD_BINDIR=" + PostgresServer.PROGRAMS,
                        supervisorScript.toString()))));
    }

    public void startAgent() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        agent = Optional.of(start(
                "agent.log",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        AgentProcess.class.getName(),
                        configuration.toString())));
    }

    private Process start(String log, List<String> command) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve(log).toFile()))
                    .start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** kill -9 of Postgres, its supervisor and the agent, as when a node loses power. */
    public void killEverything() {
        agent.ifPresent(Process::destroyForcibly);
        supervisor.ifPresent(process -> {
            List<ProcessHandle> postgres = process.descendants().toList();
            process.destroyForcibly();
            postgres.forEach(ProcessHandle::destroyForcibly);
        });
        await();
    }

    /** Stops the agent's process as a hung node would, or lets it go on. */
    public void signalAgent(String signal) {
        agent.ifPresent(process -> Unprivileged.run(List.of("kill", "-" + signal, Long.toString(process.pid()))));
    }

    /** Whether a server runs here that is not in recovery. */
    public boolean isWritable() {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("select pg_is_in_recovery()")) {
            return row.next() && !row.getBoolean(1);
        } catch (SQLException refused) {
            return false;
        }
    }

    /** Whether a client can connect to this pod's Postgres. */
    public boolean answersSql() {
        try (Connection connection = connect()) {
            return connection.isValid(1);
        } catch (SQLException refused) {
            return false;
        }
    }

    public void killAgent() {
        agent.ifPresent(Process::destroyForcibly);
        await(agent);
        agent = Optional.empty();
    }

    /** kill -9 of the postmaster alone. */
    public void killPostmaster() {
        supervisor.ifPresent(process -> process.descendants()
                .filter(child -> child.info()
                        .arguments()
                        .filter(arguments -> List.of(arguments).contains("-D"))
                        .isPresent())
                .filter(child -> child.info()
                        .command()
                        .filter(command -> command.endsWith("/postgres"))
                        .isPresent())
                .forEach(ProcessHandle::destroyForcibly));
    }

    private void await() {
        await(agent);
        await(supervisor);
        agent = Optional.empty();
        supervisor = Optional.empty();
    }

    private static void await(Optional<Process> process) {
        process.ifPresent(running -> {
            try {
                running.waitFor();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** A document of the agent's REST interface. */
    public JsonNode get(String path) throws IOException {
        return JSON.readTree(
                send(HttpRequest.newBuilder(uri(path)).timeout(READ_LIMIT)).body());
    }

    public int status(String path) throws IOException {
        return send(HttpRequest.newBuilder(uri(path)).timeout(READ_LIMIT)).statusCode();
    }

    public HttpResponse<String> post(String path, String json) throws IOException {
        return send(HttpRequest.newBuilder(uri(path))
                .timeout(REQUEST_LIMIT)
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    /** The base URL of the agent. */
    public URI url() {
        return uri("");
    }

    private URI uri(String path) {
        return URI.create("http://" + address + ":" + API_PORT + path);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(Duration.ofSeconds(90)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    /** Whether the agent says that this pod is the primary now. */
    public boolean isPrimary() {
        try {
            return status("/primary") == 200;
        } catch (IOException notThere) {
            return false;
        }
    }

    public boolean isStreaming() {
        try {
            return get("/patroni").path("replication_state").asText().equals("streaming");
        } catch (IOException notThere) {
            return false;
        }
    }

    /** A connection of the superuser. */
    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", PASSWORD);
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("socketTimeout", "5");
        return DriverManager.getConnection(
                "jdbc:postgresql://" + address + ":" + POSTGRES_PORT + "/postgres", properties);
    }

    /** What supervisor and agent printed. */
    public String logs() {
        StringBuilder text = new StringBuilder();
        for (String log : List.of("supervisor.log", "agent.log")) {
            try {
                text.append("==== ").append(name).append(' ').append(log).append('\n');
                text.append(Files.readString(directory.resolve(log)));
            } catch (IOException notThere) {
                text.append("(none)\n");
            }
        }
        return text.toString();
    }

    /** Whether the agent ever gave this reason. */
    public boolean everSaid(String reason) {
        return logs().contains("reason=" + reason);
    }

    public List<Path> diverged() throws IOException {
        Path kept = directory.resolve("volume").resolve("diverged");
        if (!Files.isDirectory(kept)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(kept)) {
            return new ArrayList<>(entries.toList());
        }
    }
}
