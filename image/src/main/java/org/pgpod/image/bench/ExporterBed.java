package org.pgpod.image.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pgpod.image.local.Commands;
import org.pgpod.image.local.DebianProgram;
import org.pgpod.image.local.Leftovers;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.LocalProcess;
import org.pgpod.image.local.LocalUsers;
import org.pgpod.image.local.Waiting;

/** One Postgres server with many tables, and an exporter before it, one at a time. */
final class ExporterBed implements AutoCloseable {
    private static final String ADDRESS = "127.0.73.1";
    private static final int PORT = 9187;
    private static final String PEER = "prometheus-postgres-exporter";
    private static final long STOP_SECONDS = 10;

    /** Tables of one statement: all locks of a transaction have to fit into shared memory. */
    private static final int BATCH = 500;

    private final LocalLayout layout;
    private final LocalUsers users = new LocalUsers();
    private final Leftovers leftovers;
    private final Path directory;
    private int tables;
    private long looks;
    private @Nullable BenchServer server;

    private ExporterBed(LocalLayout layout) {
        this.layout = layout;
        this.directory = layout.state().resolveSibling("bench-exporter");
        this.leftovers = new Leftovers(directory.resolve("processes"));
    }

    /** Whose exporter. */
    enum Kind {
        PGPOD,
        PEER
    }

    /** What the server has spent since it started. */
    record ServerCost(double cpuMillis, long statements, long connections) {}

    /** A running exporter. */
    record Subject(String name, LocalProcess process) implements AutoCloseable {
        String url() {
            return "http://" + ADDRESS + ":" + PORT + "/metrics";
        }

        double privateMebibytes() throws IOException {
            return ProcessFigures.privateMebibytes(process.handle());
        }

        @Override
        public void close() {
            process.stop(STOP_SECONDS);
        }
    }

    static ExporterBed start(Consumer<String> progress) throws IOException, InterruptedException {
        ExporterBed bed = new ExporterBed(LocalLayout.standard());
        try {
            bed.clean();
            progress.accept("Postgres");
            bed.startPostgres();
            return bed;
        } catch (IOException | InterruptedException | RuntimeException failure) {
            bed.close();
            throw failure;
        }
    }

    private void clean() throws IOException, InterruptedException {
        leftovers.end();
        Commands.run(Path.of("/"), List.of("rm", "-rf", "--", directory.toString()));
    }

    private void startPostgres() throws IOException, InterruptedException {
        users.directory(directory, LocalUsers.Owner.ROOT, "755");
        users.directory(directory.resolve("sidecar"), LocalUsers.Owner.SIDECAR, "750");
        users.directory(directory.resolve("sidecar/sidecars"), LocalUsers.Owner.SIDECAR, "750");
        server = BenchServer.start(
                directory,
                users,
                leftovers,
                ADDRESS,
                Map.of(
                        "shared_buffers",
                        "256MB",
                        "fsync",
                        "off",
                        "autovacuum",
                        "off",
                        "max_locks_per_transaction",
                        "256",
                        "shared_preload_libraries",
                        "pg_stat_statements",
                        "pg_stat_statements.max",
                        "20000"));
        sql("CREATE EXTENSION pg_stat_statements");
        sql("CREATE ROLE pgpod_exporter LOGIN PASSWORD 'bench'; GRANT pg_monitor TO pgpod_exporter");
        Path password = Files.writeString(directory.resolve("pgpod_exporter"), "bench\n");
        users.own(password, LocalUsers.Owner.ROOT, "640");
    }

    /** Adds tables until there are as many, each with an index and a row. */
    void growTo(int wanted) throws IOException, InterruptedException {
        while (tables < wanted) {
            int last = Math.min(wanted, tables + BATCH);
            sql("DO $$ BEGIN FOR i IN " + (tables + 1) + ".." + last + " LOOP "
                    + "EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, note text); "
                    + "INSERT INTO t%s VALUES (1, ''x'')', i, i); END LOOP; END $$");
            tables = last;
        }
        sql("VACUUM ANALYZE");
        sql("CHECKPOINT");
    }

    /** Starts an exporter and waits until it serves. */
    Subject start(Kind kind) throws IOException, InterruptedException {
        Subject subject = launched(kind);
        Waiting.until(subject.name() + " serves", Waiting.STARTUP_LIMIT, () -> {
            requireAlive(subject.process());
            try (var socket = new java.net.Socket()) {
                socket.connect(new java.net.InetSocketAddress(ADDRESS, PORT));
                return true;
            } catch (java.net.ConnectException notYet) {
                return false;
            }
        });
        return subject;
    }

    private Subject launched(Kind kind) throws IOException, InterruptedException {
        return switch (kind) {
            case PGPOD -> new Subject("pgpod", startOwn());
            case PEER -> startPeer();
        };
    }

    private LocalProcess startOwn() throws IOException {
        Path file = Files.writeString(directory.resolve("pgpod.yaml"), """
                pod:
                  cluster: bench
                  namespace: default
                  name: bench-0
                  uid: bench
                  address: %s
                  postgresPort: %d
                  runDirectory: %s/sidecar
                  volumeDirectory: %s/server
                  logDirectory: %s/sidecar
                  credentialsDirectory: %s
                exporter:
                  adminAddress: %s
                  postgresAddress: %s
                  maxSeries: [stat_user_tables=1000000, statio_user_tables=500000, table_sizes=200000]
                """.formatted(
                        ADDRESS, BenchServer.PORT, directory, directory, directory, directory, ADDRESS, ADDRESS));
        users.own(file, LocalUsers.Owner.ROOT, "644");
        List<String> command = new ArrayList<>(layout.java("exporter"));
        command.addAll(List.of("run", "exporter", "--config", file.toString()));
        return launch("exporter", users.sidecar(command), Map.of("MALLOC_ARENA_MAX", "1"));
    }

    private Subject startPeer() throws IOException, InterruptedException {
        Path root = new DebianProgram(layout.state().resolveSibling("programs")).unpacked(PEER, PEER);
        String program = root.resolve("usr/bin/" + PEER).toString();
        String version = Commands.run(root, List.of("sh", "-c", program + " --version 2>&1"));
        Map<String, String> environment = Map.of(
                "DATA_SOURCE_URI",
                ADDRESS + ":" + BenchServer.PORT + "/postgres?sslmode=disable",
                "DATA_SOURCE_USER",
                "pgpod_exporter",
                "DATA_SOURCE_PASS_FILE",
                directory.resolve("pgpod_exporter").toString());
        LocalProcess process = launch(
                "postgres_exporter",
                users.sidecar(List.of(program, "--web.listen-address=" + ADDRESS + ":" + PORT)),
                environment);
        // "postgres_exporter, version 0.11.1 (branch: …"
        String number = version.replaceFirst("(?s).*version ([0-9.]+).*", "$1").strip();
        return new Subject("postgres_exporter " + number.toLowerCase(Locale.ROOT), process);
    }

    /** What the server has spent so far, without what this look costs more than a little. */
    ServerCost cost() throws IOException, InterruptedException {
        String counts = sql(
                "SELECT (SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid"
                        + " WHERE rolname = 'pgpod_exporter'), (SELECT sum(sessions) FROM pg_stat_database)");
        String[] words = counts.strip().split("\\|", -1);
        // Looking takes a session itself.
        looks++;
        return new ServerCost(server().cpuMillis(), Long.parseLong(words[0]), Long.parseLong(words[1]) - looks);
    }

    private BenchServer server() {
        return java.util.Objects.requireNonNull(server);
    }

    private String sql(String statements) throws IOException, InterruptedException {
        return server().sql(statements);
    }

    private static void requireAlive(LocalProcess process) throws IOException {
        if (!process.alive()) {
            throw new IOException("a process of the bench ended; see " + process.output());
        }
    }

    private LocalProcess launch(String name, List<String> command, Map<String, String> environment) throws IOException {
        LocalProcess process = LocalProcess.start(name, command, environment, directory.resolve(name + ".out"));
        leftovers.remember(process.handle());
        return process;
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        try {
            clean();
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
