package org.pgpod.extensionloader.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** A Postgres that runs from a relocated tree, as the supervisor would start it. */
public final class TreeServer implements AutoCloseable {
    private final Path directory;
    private final Process process;
    private final int port;

    private TreeServer(Path directory, Process process, int port) {
        this.directory = directory;
        this.process = process;
        this.port = port;
    }

    /**
     * Starts {@code postgres} of {@code programs}.
     *
     * @param environment set for the server alone
     */
    public static TreeServer start(Path programs, Map<String, String> environment, String loaderPassword)
            throws IOException {
        Path directory = Unprivileged.directory("tree");
        String data = directory.resolve("data").toString();
        int port = PostgresServer.freePort();
        Unprivileged.run(Unprivileged.asServer(List.of(
                programs.resolve("initdb").toString(),
                "--pgdata=" + data,
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync")));
        Path hba = Files.writeString(
                directory.resolve("hba.conf"),
                "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
        Files.setPosixFilePermissions(hba, PosixFilePermissions.fromString("rw-r--r--"));
        ProcessBuilder builder = new ProcessBuilder(Unprivileged.asServer(List.of(
                        programs.resolve("postgres").toString(),
                        "-D",
                        data,
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=" + directory,
                        "-c",
                        "fsync=off",
                        "-c",
                        "hba_file=" + hba)))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile());
        builder.environment().putAll(environment);
        TreeServer server = new TreeServer(directory, builder.start(), port);
        Await.until("the server accepts connections", () -> {
            try (Connection connection = server.connect("postgres")) {
                return connection.isValid(5);
            }
        });
        server.query("postgres", "CREATE ROLE pgpod_loader SUPERUSER LOGIN PASSWORD '" + loaderPassword + "'");
        return server;
    }

    public int port() {
        return port;
    }

    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + database, "postgres", "");
    }

    /** The first column of the first row; empty text if there is none. */
    public String query(String database, String sql) {
        try (Connection connection = connect(database)) {
            return query(connection, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    public static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "";
            }
        }
    }

    @Override
    public void close() {
        try {
            process.destroy();
            process.waitFor();
            Unprivileged.delete(directory);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
