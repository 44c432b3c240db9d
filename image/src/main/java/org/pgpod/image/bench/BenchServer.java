package org.pgpod.image.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pgpod.image.local.Commands;
import org.pgpod.image.local.Leftovers;
import org.pgpod.image.local.LocalProcess;
import org.pgpod.image.local.LocalUsers;
import org.pgpod.image.local.Waiting;

/** A new Postgres server on a loopback address of its own, which lets everybody there in. */
final class BenchServer implements AutoCloseable {
    static final int PORT = 5433;

    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");
    private static final long STOP_SECONDS = 30;

    private final String address;
    private final LocalProcess process;

    private BenchServer(String address, LocalProcess process) {
        this.address = address;
        this.process = process;
    }

    /**
     * Makes and starts it; returns once it answers.
     *
     * @param directory of the bench; the server gets one below it
     */
    static BenchServer start(
            Path directory, LocalUsers users, Leftovers leftovers, String address, Map<String, String> settings)
            throws IOException, InterruptedException {
        users.directory(directory.resolve("server"), LocalUsers.Owner.SERVER, "750");
        Path data = directory.resolve("server/data");
        Commands.run(
                Path.of("/"),
                users.server(List.of(
                        PROGRAMS.resolve("initdb").toString(),
                        "--pgdata=" + data,
                        "--username=postgres",
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync")));
        List<String> command =
                new ArrayList<>(List.of(PROGRAMS.resolve("postgres").toString(), "-D", data.toString()));
        Map.of("listen_addresses", address, "port", Integer.toString(PORT), "unix_socket_directories", "")
                .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        LocalProcess process =
                LocalProcess.start("postgres", users.server(command), Map.of(), directory.resolve("postgres.out"));
        leftovers.remember(process.handle());
        BenchServer server = new BenchServer(address, process);
        Waiting.until("Postgres answers", Waiting.STARTUP_LIMIT, server::answers);
        return server;
    }

    private boolean answers() throws IOException, InterruptedException {
        if (!process.alive()) {
            throw new IOException("a process of the bench ended; see " + process.output());
        }
        try {
            sql("SELECT 1");
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Runs statements with psql and returns what it prints: values of a row with a bar between them. */
    String sql(String statements) throws IOException, InterruptedException {
        return Commands.run(
                Path.of("/"),
                List.of(
                        "psql",
                        "-XqAt",
                        "-v",
                        "ON_ERROR_STOP=1",
                        "-c",
                        statements,
                        "host=" + address + " port=" + PORT + " user=postgres dbname=postgres"));
    }

    /** A connection of the superuser. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://" + address + ":" + PORT + "/postgres?user=postgres&sslmode=disable");
    }

    /** CPU time of all its processes so far. */
    double cpuMillis() throws IOException {
        return ProcessFigures.cpuMillis(process.handle());
    }

    @Override
    public void close() {
        process.stop(STOP_SECONDS);
    }
}
