package org.pgpod.core.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A real Postgres server in a directory of its own, on a free loopback port and a Unix socket, run as an unprivileged
 * user. The superuser is {@code postgres}; loopback and socket connections are trusted unless another hba is given.
 */
public final class PostgresServer implements AutoCloseable {
    /** Where Debian's packages put the programs of the major version that tests use. */
    public static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");

    private final Path directory;
    private final Path programs;
    private final int port;

    private PostgresServer(Path directory, Path programs, int port) {
        this.directory = directory;
        this.programs = programs;
        this.port = port;
    }

    /** A server with default settings, started. */
    public static PostgresServer start() {
        return with(Map.of());
    }

    /** A server with these settings besides the defaults, started. */
    public static PostgresServer with(Map<String, String> settings) {
        return with(settings, PROGRAMS);
    }

    /** A server of other programs (another major version), with these settings, started. */
    public static PostgresServer with(Map<String, String> settings, Path programs) {
        Path directory = Unprivileged.directory("postgres");
        PostgresServer server = new PostgresServer(directory, programs, freePort());
        Unprivileged.run(Unprivileged.asServer(List.of(
                programs.resolve("initdb").toString(),
                "--pgdata=" + server.data(),
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync")));
        server.configure(settings);
        server.restart();
        return server;
    }

    /** A hot standby that streams from {@code primary}, with these settings besides those of the primary, started. */
    public static PostgresServer standbyOf(PostgresServer primary, Map<String, String> settings) {
        PostgresServer server = new PostgresServer(Unprivileged.directory("postgres"), PROGRAMS, freePort());
        Unprivileged.run(Unprivileged.asServer(List.of(
                PROGRAMS.resolve("pg_basebackup").toString(),
                "--pgdata=" + server.data(),
                "--host=127.0.0.1",
                "--port=" + primary.port(),
                "--username=postgres",
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync")));
        server.configure(settings);
        server.restart();
        return server;
    }

    /** A free loopback port, not reserved, but below those that the kernel gives to outgoing connections at any moment. */
    public static int freePort() {
        Optional<Integer> port = Optional.empty();
        while (port.isEmpty()) {
            port = ifFree(ThreadLocalRandom.current().nextInt(20_000, 32_000));
        }
        return port.get();
    }

    private static Optional<Integer> ifFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return Optional.of(socket.getLocalPort());
        } catch (BindException taken) {
            return Optional.empty();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void configure(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("listen_addresses", "127.0.0.1");
        all.put("port", Integer.toString(port));
        all.put("unix_socket_directories", directory.toString());
        all.put("fsync", "off");
        all.put("shared_buffers", "16MB");
        all.putAll(settings);
        List<String> lines = new ArrayList<>();
        all.forEach((name, value) -> lines.add(name + " = '" + value.replace("'", "''") + "'"));
        append("postgresql.conf", String.join("\n", lines) + "\n");
    }

    /** Appends settings or hba lines to a file of the data directory; they count after {@link #reload} or restart. */
    public void append(String file, String text) {
        runAsServer("printf '%s' \"$1\" >> \"$2\"", text, data().resolve(file).toString());
    }

    /** Replaces pg_hba.conf; counts after {@link #reload}. */
    public void hba(String text) {
        runAsServer(
                "printf '%s' \"$1\" > \"$2\"",
                text, data().resolve("pg_hba.conf").toString());
    }

    private static void runAsServer(String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        command.addAll(List.of(arguments));
        Unprivileged.run(Unprivileged.asServer(command));
    }

    public void reload() {
        control("reload");
    }

    /** Stops it if it runs, and starts it. */
    public void restart() {
        if (Files.exists(data().resolve("postmaster.pid"))) {
            control("stop", "--mode=fast");
        }
        control("start", "--log=" + directory.resolve("server.log"));
    }

    /** A fast shutdown. */
    public void stop() {
        control("stop", "--mode=fast");
    }

    private void control(String action, String... options) {
        List<String> command = new ArrayList<>(
                List.of(programs.resolve("pg_ctl").toString(), action, "--pgdata=" + data(), "--silent"));
        if (!action.equals("reload")) {
            command.add("--wait");
        }
        command.addAll(List.of(options));
        Process process;
        try {
            // The server inherits the output of pg_ctl: a pipe would stay open for as long as it runs.
            process = new ProcessBuilder(Unprivileged.asServer(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed:\n" + log());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** What the server printed so far. */
    public String log() {
        try {
            return Files.readString(directory.resolve("server.log"), StandardCharsets.UTF_8);
        } catch (IOException notThere) {
            return "(no log: " + notThere + ")";
        }
    }

    public Path data() {
        return directory.resolve("data");
    }

    /** The server's own directory, which also holds its Unix socket. */
    public Path directory() {
        return directory;
    }

    public Path socket() {
        return directory.resolve(".s.PGSQL." + port);
    }

    public int port() {
        return port;
    }

    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** A connection of the superuser. */
    public Connection connect() throws SQLException {
        return connect("postgres");
    }

    public Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        return DriverManager.getConnection(url(database), properties);
    }

    /** Runs one or more statements as the superuser. */
    public void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IllegalStateException(sql, failed);
        }
    }

    /** The process id of the postmaster. */
    public long pid() {
        String line = Unprivileged.run(Unprivileged.asServer(
                List.of("head", "-n", "1", data().resolve("postmaster.pid").toString())));
        return Long.parseLong(line.strip());
    }

    @Override
    public void close() {
        try {
            if (Files.exists(directory)) {
                Unprivileged.run(List.of(
                        "sh",
                        "-c",
                        "test ! -e \"$1\" || kill -QUIT $(head -n 1 \"$1\") 2>/dev/null || true",
                        "sh",
                        data().resolve("postmaster.pid").toString()));
                Await.until("Postgres in " + directory + " stopped", () -> !Files.exists(socket()));
            }
        } finally {
            Unprivileged.delete(directory);
        }
    }
}
