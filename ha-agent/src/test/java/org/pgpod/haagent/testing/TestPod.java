package org.pgpod.haagent.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
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
import java.util.function.Function;
import java.util.stream.Stream;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** One pod on this machine: its own loopback address and directories, the real supervisor, Postgres, and an agent process. */
public final class TestPod implements AutoCloseable {
    /** Of every role in every pod. */
    public static final String PASSWORD = "a password for tests";

    private static final int TWIN = 99;
    private static final int POSTGRES_PORT = TestConfiguration.POSTGRES_PORT;
    private static final int API_PORT = TestConfiguration.API_PORT;

    private final String name;
    private final String address;
    private final Path directory;
    private final Path supervisorScript;
    private final Path configuration;
    private final PodRest rest;
    private List<String> node = List.of();
    private Optional<Process> supervisor = Optional.empty();
    private Optional<Process> agent = Optional.empty();
    private Optional<LoopDisk> disk = Optional.empty();

    private final Function<String, String> yaml;

    TestPod(
            String name,
            String address,
            Path base,
            Path supervisorScript,
            String kubernetesUrl,
            String leasePreset,
            List<String> options) {
        this(
                name,
                address,
                base.resolve(name),
                supervisorScript,
                own -> TestConfiguration.yaml(name, own, base.resolve(name), kubernetesUrl, leasePreset, options));
    }

    private TestPod(String name, String address, Path directory, Path supervisorScript, Function<String, String> yaml) {
        this.name = name;
        this.address = address;
        this.rest = new PodRest(URI.create("http://" + address + ":" + API_PORT));
        this.directory = directory;
        this.supervisorScript = supervisorScript;
        this.yaml = yaml;
        this.configuration = directory.resolve("pgpod.yaml");
        TestConfiguration.prepare(directory, configuration, yaml.apply(address), PASSWORD);
    }

    /** Gives the pod the UID that the API has for it; before its agent is started. */
    void knownAs(String uid) {
        try {
            Files.writeString(configuration, yaml.apply(address).replaceFirst("uid: \\S+", "uid: " + uid));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A second pod of the same name, on the same volume: what is left when a pod was deleted by force and lives on. */
    TestPod twin() {
        String own = address.substring(0, address.lastIndexOf('.') + 1) + TWIN;
        Path place = directory.resolveSibling(name + "-twin");
        return new TestPod(
                name,
                own,
                place,
                supervisorScript,
                at -> yaml.apply(at)
                        .replace("uid: uid-of-" + name, "uid: uid-of-the-twin")
                        .replace(directory + "/run", place + "/run")
                        .replace(directory + "/log", place + "/log"));
    }

    @Override
    public void close() {
        killEverything();
    }

    /** Puts the volume on a file system of its own; before anything is started. */
    public void useOwnDisk() {
        Path volume = directory.resolve("volume");
        disk = Optional.of(LoopDisk.mount(directory.resolve("disk.img"), volume));
        TestConfiguration.giveToServer(volume);
    }

    /** The file system of {@link #useOwnDisk()}. */
    public LoopDisk disk() {
        return disk.orElseThrow();
    }

    void unmount() {
        disk.ifPresent(LoopDisk::unmount);
        disk = Optional.empty();
    }

    public String name() {
        return name;
    }

    /** The boot clock of this pod's node is ahead of the others' by as much, from the next start on. */
    public void setClockAhead(Duration by) {
        node = List.of("unshare", "--time", "--boottime", Long.toString(by.toSeconds()), "--");
    }

    private List<String> onNode(List<String> command) {
        return Stream.concat(node.stream(), command.stream()).toList();
    }

    private Path volume() {
        String key = "volumeDirectory: ";
        return yaml.apply(address)
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith(key))
                .map(line -> Path.of(line.substring(key.length())))
                .findFirst()
                .orElseThrow();
    }

    public void startSupervisor() {
        supervisor = Optional.of(start(
                "supervisor.log",
                onNode(Unprivileged.asServer(List.of(
                        "env",
                        "PGPOD_RUN=" + directory.resolve("run"),
                        "PGPOD_VOLUME=" + volume(),
                        "PGPOD_BINDIR=" + PostgresServer.PROGRAMS,
                        supervisorScript.toString())))));
    }

    public void startAgent() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        agent = Optional.of(start(
                "agent.log",
                onNode(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        AgentProcess.class.getName(),
                        configuration.toString()))));
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
        agent.ifPresent(process -> signal(process.toHandle(), signal));
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

    /** Stops all of the pod's processes at once, as a hypervisor does with a machine, or lets them go on. */
    public void signalEverything(String signal) {
        Stream.of(agent, supervisor)
                .flatMap(Optional::stream)
                .flatMap(process -> Stream.concat(Stream.of(process.toHandle()), process.descendants()))
                .forEach(process -> signal(process, signal));
    }

    /** kill -9 of the supervisor alone; what becomes of Postgres is for its parent-death signal. */
    public void killSupervisor() {
        supervisor.ifPresent(Process::destroyForcibly);
        await(supervisor);
        supervisor = Optional.empty();
    }

    public void killAgent() {
        agent.ifPresent(Process::destroyForcibly);
        await(agent);
        agent = Optional.empty();
    }

    /** kill -9 of the postmaster alone. */
    public void killPostmaster() {
        postmaster().forEach(ProcessHandle::destroyForcibly);
    }

    /** Stops the postmaster alone, or lets it go on; the sessions that it has begun go on in any case. */
    public void signalPostmaster(String signal) {
        postmaster().forEach(process -> signal(process, signal));
    }

    private Stream<ProcessHandle> postmaster() {
        return supervisor.stream()
                .flatMap(Process::descendants)
                .filter(child -> child.info()
                        .arguments()
                        .filter(arguments -> List.of(arguments).contains("-D"))
                        .isPresent())
                .filter(child -> child.info()
                        .command()
                        .filter(command -> command.endsWith("/postgres"))
                        .isPresent());
    }

    private static void signal(ProcessHandle process, String signal) {
        Unprivileged.run(List.of("kill", "-" + signal, Long.toString(process.pid())));
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
        return rest.get(path);
    }

    public int status(String path) throws IOException {
        return rest.read(path).statusCode();
    }

    public HttpResponse<String> post(String path, String json) throws IOException {
        return ask("POST", path, json);
    }

    public String text(String path) throws IOException {
        return rest.read(path).body();
    }

    /** A request of somebody who has the token. */
    public HttpResponse<String> ask(String method, String path, String json) throws IOException {
        return ask(method, path, json, PASSWORD);
    }

    public HttpResponse<String> ask(String method, String path, String json, String token) throws IOException {
        return rest.ask(method, path, json, token);
    }

    /** The files with the passwords of the roles. */
    public Path credentials() {
        return directory.resolve("credentials");
    }

    /** The file with the token of those who may change something over REST. */
    public Path tokenFile() {
        return credentials().resolve("pgpod_rest");
    }

    /** The base URL of the agent. */
    public URI url() {
        return rest.base();
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
        return connect("postgres");
    }

    /** The same to another database. */
    public Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", PASSWORD);
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("socketTimeout", "5");
        return DriverManager.getConnection(
                "jdbc:postgresql://" + address + ":" + POSTGRES_PORT + "/" + database, properties);
    }

    /** What supervisor, agent and Postgres told. */
    public String logs() {
        return new PodLogs(name, directory).text();
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
