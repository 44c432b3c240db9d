package org.pgpod.image.supervisor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A supervisor as a real process on the directories of one pod, and the client's side of its mailbox. Closing it kills
 * it, which takes Postgres with it, and deletes the directories.
 */
final class Supervisor implements AutoCloseable {

    static final String BOOT = readBootId();

    private static final List<String> SCRIPTS = List.of(
            "pgpod-supervisor",
            "pgpod-supervisor-copies",
            "pgpod-supervisor-host",
            "pgpod-supervisor-job",
            "pgpod-supervisor-lib",
            "pgpod-supervisor-mailbox",
            "pgpod-supervisor-probe");

    private static final ScheduledExecutorService RENEWALS = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().factory());

    private final PodDirectories pod;
    private final Process process;
    private int lastRequest;
    private Future<?> renewal = CompletableFuture.completedFuture(null);

    private Supervisor(PodDirectories pod, Process process) {
        this.pod = pod;
        this.process = process;
    }

    /** An answer: its return code, and what the tool printed or why the request was refused. */
    record Answer(int rc, String out) {}

    /** Starts a supervisor of a new pod with an empty volume. */
    static Supervisor boot() throws Exception {
        return boot(PodDirectories.create());
    }

    static Supervisor boot(PodDirectories pod) throws Exception {
        Supervisor supervisor = launch(pod, List.of());
        supervisor.await("state", state -> true);
        return supervisor;
    }

    /** Starts a supervisor behind another command, for instance {@code unshare}, without waiting for its state. */
    static Supervisor launch(PodDirectories pod, List<String> prefix) throws Exception {
        Files.deleteIfExists(pod.run().resolve("supervisor/state"));
        List<String> command = new ArrayList<>(prefix);
        if (PodDirectories.ROOT) {
            command.addAll(List.of(
                    "setpriv", "--reuid", PodDirectories.USER, "--regid", PodDirectories.USER, "--clear-groups"));
        }
        command.add(installScripts(pod).resolve("pgpod-supervisor").toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(pod.run().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        pod.run().resolve("log").toFile()));
        builder.environment().put("PGPOD_RUN", pod.run().toString());
        builder.environment().put("PGPOD_VOLUME", pod.volume().toString());
        builder.environment().put("PGPOD_BINDIR", postgresPrograms().toString());
        builder.environment().put("PGHOST", "must.not.reach.postgres.invalid");
        return new Supervisor(pod, builder.start());
    }

    /** Starts a supervisor of a new pod with an initialised volume. */
    static Supervisor initialised() throws Exception {
        PodDirectories pod = PodDirectories.create();
        InitialisedVolume.copyTo(pod);
        return boot(pod);
    }

    /** Starts a supervisor of a new pod whose Postgres runs as primary of epoch 1. */
    static Supervisor running() throws Exception {
        Supervisor supervisor = initialised();
        supervisor.startPrimary();
        return supervisor;
    }

    void startPrimary() throws Exception {
        keepToken(1);
        expect(0, "start", "mode=primary epoch=1");
        await("up", state -> state.pg().equals("up"));
    }

    void startStandby() throws Exception {
        expect(0, "start", "mode=standby epoch=0");
        await("up", state -> state.pg().equals("up"));
    }

    // ---- Mailbox ---------------------------------------------------------------------------------------------------

    SupervisorState state() throws IOException {
        Path file = pod.run().resolve("supervisor/state");
        String line = Files.readString(file);
        while (!line.endsWith(" end\n")) {
            line = Files.readString(file);
        }
        return SupervisorState.parse(line);
    }

    SupervisorState await(String condition, Predicate<SupervisorState> holds) throws Exception {
        Path file = pod.run().resolve("supervisor/state");
        try {
            return Eventually.find(
                    condition, () -> Files.exists(file) ? Optional.of(state()).filter(holds) : Optional.empty());
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; last " + state() + "; log:\n" + log(), e);
        }
    }

    /** Sends a request and waits for its answer. */
    Answer request(String operation, String fields, String... arguments) throws Exception {
        return answer(send(operation, fields, arguments));
    }

    /** Sends a request, waits for its answer, and fails unless it has this code. */
    Answer expect(int rc, String operation, String fields, String... arguments) throws Exception {
        Answer answer = request(operation, fields, arguments);
        if (answer.rc() != rc) {
            throw new AssertionError(operation + " answered " + answer + " instead of " + rc + "; log:\n" + log());
        }
        return answer;
    }

    /** Sends a request; returns its name. */
    String send(String operation, String fields, String... arguments) throws Exception {
        StringBuilder text = new StringBuilder("pgpod-req=1 instance=%s op=%s%s by=%d end\n"
                .formatted(state().instance(), operation, fields.isEmpty() ? "" : " " + fields, bootMillis() + 10_000));
        for (String argument : arguments) {
            text.append("arg=").append(argument).append('\n');
        }
        return sendText(operation, text.toString().getBytes(UTF_8));
    }

    /** Sends whatever bytes as a request; returns its name. */
    String sendText(String operation, byte[] text) throws IOException {
        String name = ++lastRequest + "-" + operation;
        Path draft = pod.run().resolve("supervisor/req/.draft");
        Files.write(draft, text);
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(draft, draft.resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
        return name;
    }

    Answer answer(String name) throws Exception {
        Path rc = pod.run().resolve("supervisor/ans/" + name + ".rc");
        try {
            Eventually.until("answer to " + name, () -> Files.exists(rc) && Files.size(rc) > 0);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; " + state() + "; log:\n" + log(), e);
        }
        byte[] out = Files.readAllBytes(rc.resolveSibling(name + ".out"));
        return new Answer(Integer.parseInt(Files.readString(rc).strip()), new String(out, UTF_8));
    }

    // ---- Token -----------------------------------------------------------------------------------------------------

    /** Renews the token of a primary until another is written. */
    void keepToken(long epoch) throws IOException {
        token(epoch, 50_000, 55_000);
        renewal = RENEWALS.scheduleAtFixedRate(() -> renew(epoch), 5, 5, TimeUnit.SECONDS);
    }

    private synchronized void renew(long epoch) {
        if (renewal.isCancelled()) {
            return;
        }
        try {
            replaceToken(epoch, 50_000, 55_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a token of a primary, whose deadlines are so many milliseconds ahead; returns the boot time of stop. */
    synchronized long token(long epoch, long stopIn, long killIn) throws IOException {
        renewal.cancel(false);
        return replaceToken(epoch, stopIn, killIn);
    }

    private long replaceToken(long epoch, long stopIn, long killIn) throws IOException {
        long now = bootMillis();
        PodDirectories.write(tokenFile(), tokenLine(BOOT, epoch, "primary", now, now + stopIn, now + killIn));
        return now + stopIn;
    }

    static String tokenLine(String boot, long epoch, String role, long until, long stop, long kill) {
        return ("pgpod-token=1 boot=%s seq=1842 pod=demo-0/27c1 data=9c41e07a epoch=%d role=%s phase=open until=%d"
                        + " stop=%d kill=%d leader=10.0.0.3:5432 hold=0 end\n")
                .formatted(boot, epoch, role, until, stop, kill);
    }

    synchronized void writeToken(String content) throws IOException {
        renewal.cancel(false);
        PodDirectories.write(tokenFile(), content);
    }

    synchronized void deleteToken() throws IOException {
        renewal.cancel(false);
        Files.delete(tokenFile());
    }

    private Path tokenFile() {
        return pod.run().resolve("lease-token");
    }

    static long bootMillis() throws IOException {
        String uptime = Files.readString(Path.of("/proc/uptime"));
        return Long.parseLong(uptime.substring(0, uptime.indexOf(' ')).replace(".", "")) * 10;
    }

    // ---- Postgres and processes
    // --------------------------------------------------------------------------------------

    PodDirectories pod() {
        return pod;
    }

    Process process() {
        return process;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + pod.port() + "/postgres?user=postgres&sslmode=disable");
    }

    /** The first column of the first row, as text. */
    String query(String sql) throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            String value = rows.getString(1);
            return value == null ? "null" : value;
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static void signal(String name, long pid) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }

    /** The living processes that hold the volume lock, but for the supervisor and its short-lived forks. */
    List<Long> lockHolders() throws IOException {
        Path lock = pod.volume().resolve("pgpod/lock");
        String own = process.isAlive() ? group(process.pid()) : "-";
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(entry -> entry.getFileName().toString().matches("[0-9]+"))
                    .filter(entry -> holds(entry.resolve("fd/9"), lock))
                    .map(entry -> Long.parseLong(entry.getFileName().toString()))
                    .filter(pid -> !group(pid).equals(own))
                    .toList();
        }
    }

    private static String group(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5)[2];
        } catch (IOException e) {
            return "-"; // gone meanwhile
        }
    }

    private static boolean holds(Path descriptor, Path lock) {
        try {
            return Files.readSymbolicLink(descriptor).equals(lock);
        } catch (IOException e) {
            return false; // gone meanwhile
        }
    }

    String log() throws IOException {
        Path log = pod.run().resolve("log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** Kills the supervisor alone, as the kernel would. */
    void killSupervisor() throws Exception {
        synchronized (this) {
            renewal.cancel(false);
        }
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            renewal.cancel(false);
        }
        if (process.isAlive() && Files.exists(pod.run().resolve("supervisor/state")) && state().pid() > 0) {
            // Killed, it would leave shared memory behind; told to quit, only if it hangs.
            ProcessHandle.of(state().pid()).ifPresent(Supervisor::quit);
        }
        process.destroyForcibly().onExit().join();
        for (List<Long> left = lockHolders(); !left.isEmpty(); left = lockHolders()) {
            for (long pid : left) {
                ProcessHandle.of(pid)
                        .filter(ProcessHandle::destroyForcibly)
                        .ifPresent(handle -> handle.onExit().join());
            }
        }
        freeSharedMemory();
        pod.delete();
    }

    /** Removes the segment that a killed postmaster named in its lock file, since no successor will. */
    private void freeSharedMemory() throws IOException {
        Path lockFile = pod.data().resolve("postmaster.pid");
        List<String> lines = Files.exists(lockFile) ? Files.readAllLines(lockFile) : List.of();
        if (lines.size() >= 7) {
            String segment = lines.get(6).strip().replaceFirst(".* ", "");
            new ProcessBuilder("ipcrm", "-m", segment).start().onExit().join();
        }
    }

    private static void quit(ProcessHandle postmaster) {
        try {
            new ProcessBuilder("kill", "-QUIT", Long.toString(postmaster.pid())).start();
            postmaster
                    .onExit()
                    .completeOnTimeout(postmaster, 5, TimeUnit.SECONDS)
                    .join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- What it runs
    // ------------------------------------------------------------------------------------------------

    /** The checkout may be closed to Postgres' user: the scripts run from the pod's own directory. */
    private static Path installScripts(PodDirectories pod) throws IOException {
        Path sources = Path.of(System.getProperty("pgpod.root", ".."), "image/postgres");
        Path programs = pod.run().resolve("bin");
        Files.createDirectories(programs);
        Files.setPosixFilePermissions(programs, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String script : SCRIPTS) {
            Path copy = programs.resolve(script);
            Files.write(copy, Files.readAllBytes(sources.resolve(script)));
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return programs;
    }

    private static Path postgresPrograms() throws IOException {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(programs -> Files.isExecutable(programs.resolve("pg_rewind")))
                    .sorted()
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no Postgres server below /usr/lib/postgresql"));
        }
    }

    private static String readBootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
