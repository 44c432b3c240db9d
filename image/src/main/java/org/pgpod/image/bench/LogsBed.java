package org.pgpod.image.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pgpod.image.local.Commands;
import org.pgpod.image.local.DebianProgram;
import org.pgpod.image.local.Leftovers;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.LocalProcess;
import org.pgpod.image.local.LocalUsers;
import org.pgpod.image.local.Waiting;
import org.pgpod.logshipper.model.Table;

/** A log store, and what ships into it, one at a time, each from a log directory of its own. */
final class LogsBed implements AutoCloseable {
    private static final String ADDRESS = "127.0.74.1";
    private static final String TABLE = "pgpod_logs.postgres_log";
    private static final long STOP_SECONDS = 30;

    /** What of a record rsyslog stores: the rest is null. A number that is absent arrives as an empty text. */
    private static final List<Copied> RSYSLOG_COLUMNS = List.of(
            new Copied("log_time", "timestamp", "timestamptz"),
            new Copied("user_name", "user", "text"),
            new Copied("database_name", "dbname", "text"),
            new Copied("pid", "pid", "integer"),
            new Copied("remote_host", "remote_host", "text"),
            new Copied("remote_port", "remote_port", "integer"),
            new Copied("session_id", "session_id", "text"),
            new Copied("line_num", "line_num", "bigint"),
            new Copied("ps", "ps", "text"),
            new Copied("session_start", "session_start", "timestamptz"),
            new Copied("vxid", "vxid", "text"),
            new Copied("txid", "txid", "bigint"),
            new Copied("error_severity", "error_severity", "text"),
            new Copied("state_code", "state_code", "text"),
            new Copied("message", "message", "text"),
            new Copied("detail", "detail", "text"),
            new Copied("statement", "statement", "text"),
            new Copied("application_name", "application_name", "text"),
            new Copied("backend_type", "backend_type", "text"),
            new Copied("query_id", "query_id", "bigint"));

    private final LocalLayout layout;
    private final LocalUsers users = new LocalUsers();
    private final Leftovers leftovers;
    private final Path directory;
    private int started;
    private @Nullable BenchServer server;

    private LogsBed(LocalLayout layout) {
        this.layout = layout;
        this.directory = layout.state().resolveSibling("bench-logs");
        this.leftovers = new Leftovers(directory.resolve("processes"));
    }

    /** A column that rsyslog fills from a key of the record. */
    private record Copied(String column, String key, String type) {}

    /** Whose shipper. */
    enum Kind {
        PGPOD,
        RSYSLOG
    }

    /**
     * A running shipper.
     *
     * @param file the log file that it reads, in which nothing stands yet
     */
    record Subject(String name, LocalProcess process, Path file) implements AutoCloseable {
        double privateMebibytes() throws IOException {
            return ProcessFigures.privateMebibytes(process.handle());
        }

        double cpuMillis() throws IOException {
            return ProcessFigures.cpuMillis(process.handle());
        }

        void requireAlive() throws IOException {
            if (!process.alive()) {
                throw new IOException("a process of the bench ended; see " + process.output());
            }
        }

        @Override
        public void close() {
            process.stop(STOP_SECONDS);
        }
    }

    static LogsBed start(Consumer<String> progress) throws IOException, InterruptedException {
        LogsBed bed = new LogsBed(LocalLayout.standard());
        try {
            bed.clean();
            bed.users.directory(bed.directory, LocalUsers.Owner.ROOT, "755");
            progress.accept("Postgres");
            // The times of commits tell when a record could be read.
            bed.server = BenchServer.start(
                    bed.directory,
                    bed.users,
                    bed.leftovers,
                    ADDRESS,
                    Map.of("shared_buffers", "256MB", "max_wal_size", "4GB", "track_commit_timestamp", "on"));
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

    BenchServer server() {
        return java.util.Objects.requireNonNull(server);
    }

    /** A file for what is prepared, beside the logs. */
    Path prepared(String name) {
        return directory.resolve(name);
    }

    /** Takes all records out of the store, and lets no work of before disturb what follows. */
    void empty() throws IOException, InterruptedException {
        server().sql("TRUNCATE " + TABLE + "; CHECKPOINT");
    }

    /** Whether a shipper has made the tables already. */
    boolean hasTables() throws IOException, InterruptedException {
        return server().sql("SELECT to_regclass('" + TABLE + "') IS NOT NULL")
                .strip()
                .equals("t");
    }

    /** How many records there are. */
    long records() throws IOException, InterruptedException {
        return Long.parseLong(server().sql("SELECT count(*) FROM " + TABLE).strip());
    }

    /** Writes the records of the store into a file that {@link #copy} takes, in the order of their times. */
    void export(Path file) throws IOException, InterruptedException {
        server().sql("\\copy (SELECT " + columns() + " FROM " + TABLE + " ORDER BY log_time) TO '" + file + "'");
    }

    /** What it is compared with: psql's {@code \copy} of the same rows into the same partitions, in one transaction. */
    void copy(Path file) throws IOException, InterruptedException {
        server().sql("\\copy " + TABLE + " (" + columns() + ") FROM '" + file + "'");
    }

    private static String columns() {
        return String.join(", ", Table.POSTGRES_LOG.rowColumns());
    }

    /** Waits until the record of this time with the severity {@code WARNING}, the last one, can be read. */
    void awaitMark(Subject subject, Instant time) throws IOException, InterruptedException {
        try (Connection connection = server().connect();
                PreparedStatement statement = connection.prepareStatement("SELECT FROM " + TABLE
                        + " WHERE error_severity IN ('WARNING', 'ERROR', 'FATAL', 'PANIC')"
                        + " AND error_severity = 'WARNING' AND log_time = ?")) {
            // Only the index of warnings and errors answers without reading what is being written.
            connection.createStatement().execute("SET enable_seqscan = off; SET enable_bitmapscan = off");
            statement.setObject(1, time.atOffset(ZoneOffset.UTC));
            Waiting.until("all records are stored by " + subject.name(), LogsBench.LIMIT, () -> {
                subject.requireAlive();
                return found(statement);
            });
        } catch (SQLException failed) {
            throw failure(failed);
        }
    }

    private static boolean found(PreparedStatement statement) throws IOException {
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next();
        } catch (SQLException failed) {
            throw failure(failed);
        }
    }

    private static IOException failure(SQLException failed) {
        return new IOException("the store failed: " + failed.getMessage(), failed);
    }

    /** From when a record was written to when it could be read, in milliseconds: the median and the 99th percentile. */
    List<Double> latencies(Instant since) throws IOException, InterruptedException {
        String figures = server().sql("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY late),"
                + " percentile_disc(0.99) WITHIN GROUP (ORDER BY late) FROM (SELECT 1000 * extract(epoch FROM"
                + " pg_xact_commit_timestamp(xmin) - log_time) AS late FROM " + TABLE + " WHERE log_time >= '" + since
                + "') AS records");
        String[] words = figures.strip().split("\\|", -1);
        return List.of(Double.valueOf(words[0]), Double.valueOf(words[1]));
    }

    /** Starts a shipper with an empty log file. */
    Subject start(Kind kind) throws IOException, InterruptedException {
        Path logs = directory.resolve("logs-" + ++started);
        users.directory(logs, LocalUsers.Owner.SIDECAR, "750");
        users.directory(logs.resolve("sidecars"), LocalUsers.Owner.SIDECAR, "750");
        Path postgresLogs = users.directory(logs.resolve("postgres"), LocalUsers.Owner.SIDECAR, "750");
        Path file = Files.createFile(postgresLogs.resolve("postgresql.json"));
        users.own(file, LocalUsers.Owner.SIDECAR, "640");
        return switch (kind) {
            case PGPOD -> startOwn(logs, file);
            case RSYSLOG -> startRsyslog(logs, file);
        };
    }

    private Subject startOwn(Path logs, Path file) throws IOException {
        Path configuration = Files.writeString(prepared("pgpod-" + started + ".yaml"), """
                pod:
                  cluster: bench
                  namespace: default
                  name: bench-0
                  uid: bench
                  address: %s
                  runDirectory: %s
                  logDirectory: %s
                  credentialsDirectory: %s
                logShipper:
                  adminAddress: %s
                  sinkHost: %s
                  sinkPort: %d
                  sinkDatabase: postgres
                  sinkUser: postgres
                  sinkSslMode: disable
                """.formatted(
                        ADDRESS, logs, logs, directory, ADDRESS, ADDRESS, BenchServer.PORT));
        users.own(configuration, LocalUsers.Owner.ROOT, "644");
        List<String> command = new ArrayList<>(layout.java("log-shipper"));
        command.addAll(List.of("run", "log-shipper", "--config", configuration.toString()));
        LocalProcess process = launch("log-shipper", users.sidecar(command), Map.of("MALLOC_ARENA_MAX", "1"));
        return new Subject("pgpod", process, file);
    }

    private Subject startRsyslog(Path logs, Path file) throws IOException, InterruptedException {
        Path root = new DebianProgram(layout.state().resolveSibling("programs"))
                .unpacked("rsyslog", "rsyslog", "rsyslog-pgsql", "libestr0", "libfastjson4", "liblognorm5", "libpq5");
        Path libraries = root.resolve("usr/lib/x86_64-linux-gnu");
        Path configuration = Files.writeString(prepared("rsyslog-" + started + ".conf"), rsyslogSettings(logs, file));
        users.own(configuration, LocalUsers.Owner.ROOT, "644");
        Map<String, String> environment = Map.of("LD_LIBRARY_PATH", libraries.toString());
        String program = root.resolve("usr/sbin/rsyslogd").toString();
        LocalProcess process = launch(
                "rsyslog",
                users.sidecar(List.of(
                        program,
                        "-n",
                        "-f",
                        configuration.toString(),
                        "-i",
                        logs.resolve("rsyslogd.pid").toString(),
                        "-M",
                        libraries.resolve("rsyslog").toString())),
                environment);
        // "rsyslogd  8.2302.0 (aka 2023.02) compiled with:" on the first line.
        String version = Commands.run(root, List.of("env", "LD_LIBRARY_PATH=" + libraries, program, "-v"));
        return new Subject("rsyslog " + version.replaceFirst("(?s)rsyslogd\\s+([0-9.]+).*", "$1"), process, file);
    }

    /** Batches of 1,024, each a transaction of INSERTs, which is what ompgsql has; nothing is thrown away when it is behind. */
    private static String rsyslogSettings(Path logs, Path file) {
        String values = RSYSLOG_COLUMNS.stream()
                .map(copied -> "property(name=\"$!" + copied.key() + "\")")
                .collect(Collectors.joining("\n  constant(value=\"', '\")\n  "));
        String names = RSYSLOG_COLUMNS.stream().map(Copied::column).collect(Collectors.joining(", "));
        String cast = RSYSLOG_COLUMNS.stream()
                .map(copied -> "nullif(" + copied.column() + ", '')::" + copied.type())
                .collect(Collectors.joining(", "));
        return """
                global(workDirectory="%s" maxMessageSize="64k")
                module(load="imfile")
                module(load="mmjsonparse")
                module(load="ompgsql")
                template(name="row" type="list" option.stdsql="on") {
                  constant(value="INSERT INTO %s (cluster, namespace, pod, source_id, %s) SELECT 'bench', 'default', 'bench-0', '00000000-0000-0000-0000-000000000000', %s FROM (VALUES ('")
                  %s
                  constant(value="')) AS record (%s)")
                }
                ruleset(name="ship" queue.type="LinkedList" queue.size="65536" queue.dequeueBatchSize="1024"
                    queue.timeoutEnqueue="600000") {
                  action(type="mmjsonparse" cookie="")
                  action(type="ompgsql" server="%s" port="%d" db="postgres" user="postgres" pass="" template="row")
                }
                input(type="imfile" file="%s" tag="postgres" ruleset="ship")
                """.formatted(logs, TABLE, names, cast, values, names, ADDRESS, BenchServer.PORT, file);
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
