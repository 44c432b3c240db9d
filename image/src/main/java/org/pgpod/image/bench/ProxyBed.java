package org.pgpod.image.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.image.local.Commands;
import org.pgpod.image.local.DebianProgram;
import org.pgpod.image.local.Leftovers;
import org.pgpod.image.local.LocalCertificates;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.LocalProcess;
import org.pgpod.image.local.LocalUsers;
import org.pgpod.image.local.Waiting;

/** One Postgres server with TLS, a wire-proxy and a PgBouncer before it, all with the same certificate. */
final class ProxyBed implements AutoCloseable {
    static final int PROXY_PORT = 5432;
    static final int POSTGRES_PORT = 5433;
    static final int BOUNCER_PORT = 6432;

    private static final String ADDRESS = "127.0.72.1";
    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");
    private static final int SCALE = 10;
    private static final long STOP_SECONDS = 10;
    private static final long TOKEN_MILLIS = 30_000;
    private static final Duration TOKEN_CADENCE = Duration.ofSeconds(1);

    private final LocalLayout layout;
    private final LocalUsers users = new LocalUsers();
    private final Leftovers leftovers;
    private final Path directory;
    private final Path run;
    private final List<LocalProcess> processes = new ArrayList<>();
    private String bouncerName = "pgbouncer";
    private volatile boolean closed;

    private ProxyBed(LocalLayout layout) {
        this.layout = layout;
        this.directory = layout.state().resolveSibling("bench-proxy");
        this.run = layout.memory().resolveSibling("pgpod-bench-" + System.getProperty("user.name"));
        this.leftovers = new Leftovers(directory.resolve("processes"));
    }

    static ProxyBed start(Consumer<String> progress) throws IOException, InterruptedException {
        ProxyBed bed = new ProxyBed(LocalLayout.standard());
        try {
            bed.clean();
            bed.prepare();
            progress.accept("Postgres, pgbench scale " + SCALE);
            bed.startPostgres();
            progress.accept("wire-proxy");
            bed.startProxy();
            progress.accept("PgBouncer from Debian's package");
            bed.startBouncer();
            return bed;
        } catch (IOException | InterruptedException | RuntimeException failure) {
            bed.close();
            throw failure;
        }
    }

    private void clean() throws IOException, InterruptedException {
        leftovers.end();
        Commands.run(Path.of("/"), List.of("rm", "-rf", "--", directory.toString(), run.toString()));
    }

    private void prepare() throws IOException, InterruptedException {
        users.directory(directory, LocalUsers.Owner.ROOT, "755");
        users.directory(run, LocalUsers.Owner.SIDECAR, "2770");
        users.directory(run.resolve("sql"), LocalUsers.Owner.SERVER, "2770");
        users.directory(directory.resolve("server"), LocalUsers.Owner.SERVER, "750");
        users.directory(directory.resolve("logs"), LocalUsers.Owner.SIDECAR, "750");
        users.directory(directory.resolve("logs/sidecars"), LocalUsers.Owner.SIDECAR, "750");
        LocalCertificates certificates = LocalCertificates.authority(directory.resolve("authority"), users);
        certificates.issue(directory.resolve("tls"), "bench", "IP:" + ADDRESS);
        Path password = Files.writeString(directory.resolve("password"), "bench\n");
        users.own(password, LocalUsers.Owner.ROOT, "640");
        Path passfile = Files.writeString(passfile(), "*:*:*:postgres:bench\n");
        Files.setAttribute(passfile, "unix:mode", 0600);
    }

    private void startPostgres() throws IOException, InterruptedException {
        Path data = directory.resolve("server/data");
        Commands.run(
                Path.of("/"),
                users.server(List.of(
                        PROGRAMS.resolve("initdb").toString(),
                        "--pgdata=" + data,
                        "--username=postgres",
                        "--pwfile=" + directory.resolve("password"),
                        "--auth=scram-sha-256",
                        "--locale=C",
                        "--no-sync")));
        List<String> command =
                new ArrayList<>(List.of(PROGRAMS.resolve("postgres").toString(), "-D", data.toString()));
        Map.of(
                        "listen_addresses",
                        ADDRESS,
                        "port",
                        Integer.toString(POSTGRES_PORT),
                        "unix_socket_directories",
                        run.resolve("sql").toString(),
                        "max_connections",
                        "600",
                        "shared_buffers",
                        "256MB",
                        "ssl",
                        "on",
                        "ssl_cert_file",
                        directory.resolve("tls/tls.crt").toString(),
                        "ssl_key_file",
                        directory.resolve("tls/tls.key").toString())
                .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        launch("postgres", users.server(command), Map.of());
        Waiting.until("Postgres answers", Waiting.STARTUP_LIMIT, () -> answers(POSTGRES_PORT));
        Commands.run(
                Path.of("/"),
                List.of("pgbench", "--quiet", "--initialize", "--scale=" + SCALE, connection(POSTGRES_PORT)));
    }

    private void startProxy() throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("pgpod.yaml"), """
                pod:
                  cluster: bench
                  namespace: default
                  name: bench-0
                  uid: bench
                  address: %s
                  runDirectory: %s
                  logDirectory: %s/logs
                  clientCertificateDirectory: %s/tls
                  peerCertificateDirectory: %s/tls
                wireProxy:
                  address: %s
                  adminAddress: %s
                  clientTls: allowed
                """.formatted(
                        ADDRESS, run, directory, directory, directory, ADDRESS, ADDRESS));
        users.own(file, LocalUsers.Owner.ROOT, "644");
        writeToken(LinuxBootClock.open());
        Thread.ofPlatform().daemon().name("token").start(this::renewToken);
        List<String> command = new ArrayList<>(layout.java("wire-proxy"));
        command.addAll(List.of("run", "wire-proxy", "--config", file.toString()));
        launch("wire-proxy", users.sidecar(command), Map.of("MALLOC_ARENA_MAX", "1"));
        Waiting.until("wire-proxy answers", Waiting.STARTUP_LIMIT, () -> answers(PROXY_PORT));
    }

    private void renewToken() {
        try {
            BootClock clock = LinuxBootClock.open();
            while (!closed) {
                writeToken(clock);
                TimeUnit.MILLISECONDS.sleep(TOKEN_CADENCE.toMillis());
            }
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /** What ha-agent would write for a healthy primary. */
    private void writeToken(BootClock clock) throws IOException {
        long now = clock.nowMillis();
        LeaseToken token = new LeaseToken(
                clock.bootId(),
                now,
                "bench-0/bench",
                "bench",
                new Epoch(1),
                LeaseToken.Role.PRIMARY,
                LeaseToken.Phase.OPEN,
                now + TOKEN_MILLIS,
                now + TOKEN_MILLIS + 1_000,
                now + TOKEN_MILLIS + 2_000,
                ADDRESS + ":" + PROXY_PORT,
                0);
        AtomicFile.replace(run.resolve("lease-token"), token.format());
        users.own(run.resolve("lease-token"), LocalUsers.Owner.SIDECAR, "640");
    }

    private void startBouncer() throws IOException, InterruptedException {
        Path root = new DebianProgram(layout.state().resolveSibling("programs"))
                .unpacked("pgbouncer", "pgbouncer", "libevent-2.1-7", "libc-ares2");
        Path accounts = Files.writeString(directory.resolve("accounts"), "\"postgres\" \"bench\"\n");
        users.own(accounts, LocalUsers.Owner.ROOT, "640");
        Path file = Files.writeString(directory.resolve("pgbouncer.ini"), """
                [databases]
                * = host=%s port=%d
                [pgbouncer]
                listen_addr = %s
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                pool_mode = session
                max_client_conn = 600
                default_pool_size = 600
                client_tls_sslmode = allow
                client_tls_cert_file = %s/tls/tls.crt
                client_tls_key_file = %s/tls/tls.key
                """.formatted(
                        run.resolve("sql"), POSTGRES_PORT, ADDRESS, BOUNCER_PORT, accounts, directory, directory));
        users.own(file, LocalUsers.Owner.ROOT, "644");
        Map<String, String> environment = Map.of(
                "LD_LIBRARY_PATH", root.resolve("usr/lib/x86_64-linux-gnu").toString());
        String program = root.resolve("usr/sbin/pgbouncer").toString();
        launch("pgbouncer", users.server(List.of(program, file.toString())), environment);
        Waiting.until("PgBouncer answers", Waiting.STARTUP_LIMIT, () -> answers(BOUNCER_PORT));
        // "PgBouncer 1.18.0" on the first line.
        String version = Commands.run(
                root, List.of("env", "LD_LIBRARY_PATH=" + environment.get("LD_LIBRARY_PATH"), program, "--version"));
        bouncerName = version.lines().findFirst().orElse("PgBouncer").strip().toLowerCase(java.util.Locale.ROOT);
    }

    private void launch(String name, List<String> command, Map<String, String> environment) throws IOException {
        LocalProcess process = LocalProcess.start(name, command, environment, directory.resolve(name + ".out"));
        processes.add(process);
        leftovers.remember(process.handle());
    }

    private boolean answers(int port) throws IOException, InterruptedException {
        for (LocalProcess process : processes) {
            if (!process.alive()) {
                throw new IOException("a process of the bench ended; see " + process.output());
            }
        }
        try {
            Commands.run(Path.of("/"), List.of("psql", "-Xqc", "SELECT 1", connection(port)));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private String connection(int port) {
        return "host=" + ADDRESS + " port=" + port + " user=postgres dbname=postgres passfile=" + passfile();
    }

    /** A directory of this name with nothing in it. */
    Path emptyDirectory(String name) throws IOException, InterruptedException {
        Path empty = directory.resolve(name);
        Commands.run(Path.of("/"), List.of("rm", "-rf", "--", empty.toString()));
        return Files.createDirectory(empty);
    }

    Path passfile() {
        return directory.resolve("passfile");
    }

    String address() {
        return ADDRESS;
    }

    /** The peer with its version, as rows name it. */
    String bouncerName() {
        return bouncerName;
    }

    @Override
    public void close() {
        closed = true;
        processes.reversed().forEach(process -> process.stop(STOP_SECONDS));
        try {
            clean();
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
