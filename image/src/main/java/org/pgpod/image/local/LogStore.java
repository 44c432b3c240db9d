package org.pgpod.image.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The central Postgres that log-shippers write into: a plain server outside the pods. */
final class LogStore {
    static final int PORT = 5432;
    static final String DATABASE = "logs";
    static final String ROLE = "log_shipper";

    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");
    private static final long STOP_SECONDS = 20;

    private final LocalLayout layout;
    private final LocalProcess process;

    private LogStore(LocalLayout layout, LocalProcess process) {
        this.layout = layout;
        this.process = process;
    }

    /** Makes the server, with a database and a role for the log-shippers, and starts it. */
    static LogStore start(LocalLayout layout, LocalUsers users, Leftovers leftovers)
            throws IOException, InterruptedException {
        Path directory = users.directory(layout.state().resolve("log-store"), LocalUsers.Owner.SERVER, "750");
        Path data = directory.resolve("data");
        Path password = layout.credentials().resolve("postgres");
        Commands.run(
                Path.of("/"),
                users.server(List.of(
                        PROGRAMS.resolve("initdb").toString(),
                        "--pgdata=" + data,
                        "--username=postgres",
                        "--pwfile=" + password,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync")));
        // Pods with networks of their own do not come from this machine's loopback.
        Files.writeString(
                data.resolve("pg_hba.conf"), "host all all samenet scram-sha-256\n", StandardOpenOption.APPEND);
        LocalProcess process = LocalProcess.start(
                "log-store",
                users.server(List.of(
                        PROGRAMS.resolve("postgres").toString(),
                        "-D",
                        data.toString(),
                        "-c",
                        "listen_addresses=" + layout.logStoreAddress(),
                        "-c",
                        "port=" + PORT,
                        "-c",
                        "unix_socket_directories=")),
                Map.of(),
                layout.state().resolve("log-store.out"));
        leftovers.remember(process.handle());
        LogStore store = new LogStore(layout, process);
        store.createDatabase();
        return store;
    }

    private void createDatabase() throws IOException, InterruptedException {
        Waiting.until("the log store accepts connections", Waiting.STARTUP_LIMIT, () -> {
            try (Connection connection = connect("postgres");
                    var statement = connection.createStatement()) {
                statement.execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD '"
                        + Files.readString(layout.credentials().resolve(ROLE)).strip() + "'");
                statement.execute("CREATE DATABASE " + DATABASE + " OWNER " + ROLE);
                return true;
            } catch (SQLException notYet) {
                if (!process.alive()) {
                    throw new IOException("the log store did not start; see " + process.output(), notYet);
                }
                return false;
            }
        });
    }

    /** A connection of the superuser. */
    Connection connect(String database) throws SQLException, IOException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty(
                "password",
                Files.readString(layout.credentials().resolve("postgres")).strip());
        return DriverManager.getConnection(
                "jdbc:postgresql://" + layout.logStoreAddress() + ":" + PORT + "/" + database, properties);
    }

    void stop() {
        process.stop(STOP_SECONDS);
    }
}
