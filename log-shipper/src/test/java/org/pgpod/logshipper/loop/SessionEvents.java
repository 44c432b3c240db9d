package org.pgpod.logshipper.loop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Future;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** Provokes what happens to sessions: refused, ended, lost. */
final class SessionEvents {
    private static final int PROTOCOL_3 = 196_608;

    private final LoggingServer logging;
    private final PostgresServer server;

    SessionEvents(LoggingServer logging) {
        this.logging = logging;
        this.server = logging.server();
    }

    void provoke() throws Exception {
        refusals();
        lostClients();
        signals();
        idleSessions();
    }

    private void refusals() throws SQLException {
        server.hba("""
                host all rejected 127.0.0.1/32 reject
                host all reader 127.0.0.1/32 scram-sha-256
                host all all 127.0.0.1/32 trust
                host replication all 127.0.0.1/32 trust
                """);
        server.reload();
        Await.until("the rejection is in force", () -> {
            try {
                logging.fail("postgres", "rejected", "SELECT 1");
                return true;
            } catch (AssertionError notYet) {
                return false;
            }
        });
        logging.fail("postgres", "reader", "SELECT 1");
        logging.fail("nowhere", "postgres", "SELECT 1");
        logging.fail("postgres", "crowded", "SELECT 1");
        try (Connection connection =
                DriverManager.getConnection(server.url("postgres") + "?user=reader&password=reader-secret")) {
            connection.isValid(5);
        }
    }

    private void lostClients() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(new byte[] {0, 0, 0, 1, 0, 0, 0, 0});
            socket.getInputStream().readAllBytes();
        }
        try (Socket socket = connect()) {
            begin(socket);
            socket.setSoLinger(true, 0);
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    /** Opens a transaction. */
    private static void begin(Socket socket) throws IOException {
        byte[] parameters = "user\0postgres\0database\0postgres\0\0".getBytes(StandardCharsets.US_ASCII);
        OutputStream out = socket.getOutputStream();
        out.write(ByteBuffer.allocate(8 + parameters.length)
                .putInt(8 + parameters.length)
                .putInt(PROTOCOL_3)
                .put(parameters)
                .array());
        readUntilReady(socket.getInputStream());
        byte[] text = "BEGIN\0".getBytes(StandardCharsets.US_ASCII);
        out.write(ByteBuffer.allocate(5 + text.length)
                .put((byte) 'Q')
                .putInt(4 + text.length)
                .put(text)
                .array());
        readUntilReady(socket.getInputStream());
    }

    private static void readUntilReady(InputStream in) throws IOException {
        while (true) {
            byte[] head = in.readNBytes(5);
            if (head.length < 5) {
                throw new IOException("the server hung up");
            }
            in.readNBytes(ByteBuffer.wrap(head, 1, 4).getInt() - 4);
            if (head[0] == 'Z') {
                return;
            }
        }
    }

    private void signals() throws Exception {
        for (String function : new String[] {"pg_cancel_backend", "pg_terminate_backend"}) {
            Future<Boolean> sleeping = logging.inBackground(() -> sleeps(function));
            Await.until(
                    "a session sleeps and is signalled",
                    () -> logging.number("SELECT count(" + function + "(pid)) FROM pg_stat_activity"
                                    + " WHERE application_name = '" + function + "' AND wait_event = 'PgSleep'")
                            > 0);
            if (sleeping.get()) {
                throw new AssertionError("slept to the end");
            }
        }
    }

    private boolean sleeps(String name) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(server.url("postgres") + "?user=postgres&ApplicationName=" + name);
                Statement statement = connection.createStatement()) {
            return LoggingServer.runs(statement, "SELECT pg_sleep(60)");
        }
    }

    private void idleSessions() throws SQLException {
        for (String timeout : new String[] {"idle_session_timeout", "BEGIN; SET idle_in_transaction_session_timeout"}) {
            try (Connection connection = DriverManager.getConnection(
                            server.url("postgres") + "?user=postgres&ApplicationName=idle");
                    Statement statement = connection.createStatement()) {
                statement.execute((timeout.startsWith("BEGIN") ? "" : "SET ") + timeout + " = '20ms'");
                Await.until(
                        "the idle session is ended",
                        () -> logging.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'idle'")
                                == 0);
            }
        }
    }
}
