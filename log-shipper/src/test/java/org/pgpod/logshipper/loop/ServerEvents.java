package org.pgpod.logshipper.loop;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** Provokes what happens to servers: configuration, replication, promotion, corruption, a crash. */
final class ServerEvents implements AutoCloseable {
    private final LoggingServer logging;
    private final PostgresServer server;
    private final Path standby = Unprivileged.directory("standby");
    private final int standbyPort = PostgresServer.freePort();

    ServerEvents(LoggingServer logging) {
        this.logging = logging;
        this.server = logging.server();
    }

    void provoke() throws Exception {
        configuration();
        replication();
        corruption();
        crash();
    }

    private void configuration() {
        logging.configure("log_min_error_statement = warning\nmax_connections = 30\n");
        Await.until(
                "a restart is pending",
                () -> logging.number(
                                "SELECT count(*) FROM pg_settings WHERE name = 'max_connections' AND pending_restart")
                        == 1);
        logging.configure("work_mem = 'much'\n");
        Await.until(
                "errors are seen",
                () -> logging.number("SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL") > 0);
        logging.configure("work_mem = '64kB'\nmax_connections = 24\n");
    }

    private void replication() throws Exception {
        server.execute("SELECT pg_create_logical_replication_slot('decoding', 'test_decoding')");
        server.execute("SELECT count(*) FROM pg_logical_slot_get_changes('decoding', NULL, NULL);"
                + " SELECT pg_drop_replication_slot('decoding')");
        startStandby();
        logging.configure("synchronous_standby_names = 'second'\n");
        Await.until(
                "the standby is synchronous",
                () -> logging.number("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1);
        conflict();
        logging.configure("synchronous_standby_names = ''\nmax_slot_wal_keep_size = 1MB\n");
        loseSlot();
        onStandby("CHECKPOINT");
        server.stop();
        onStandby("SELECT pg_promote(true)");
        LoggingServer.asServer(
                PostgresServer.PROGRAMS.resolve("pg_ctl").toString(),
                "stop",
                "--silent",
                "--mode=fast",
                "--pgdata=" + standby + "/data");
        server.restart();
    }

    private void startStandby() {
        LoggingServer.asServer(
                PostgresServer.PROGRAMS.resolve("pg_basebackup").toString(),
                "--pgdata=" + standby + "/data",
                "--checkpoint=fast",
                "--write-recovery-conf",
                "--dbname=host=127.0.0.1 port=" + server.port() + " user=postgres application_name=second");
        LoggingServer.asServer(
                "sh",
                "-c",
                "printf '%s' \"$1\" >> \"$2\"",
                "sh",
                "port = " + standbyPort + "\nunix_socket_directories = '" + standby
                        + "'\nmax_standby_streaming_delay = 0\nlog_filename = 'standby-%H%M%S.log'\n",
                standby + "/data/postgresql.conf");
        LoggingServer.asServer(
                "sh",
                "-c",
                "\"$1\" start --wait --silent --pgdata=\"$2\"/data --log=\"$2\"/server.log > \"$2\"/ctl.log 2>&1",
                "sh",
                PostgresServer.PROGRAMS.resolve("pg_ctl").toString(),
                standby.toString());
    }

    private void onStandby(String sql) throws SQLException {
        try (Connection connection = standbySession();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection standbySession() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + standbyPort + "/postgres?user=postgres");
    }

    /** A query of the standby that reads what the primary removes. */
    private void conflict() throws SQLException {
        try (Connection connection = standbySession();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT count(*) FROM t");
            server.execute("ALTER TABLE t ADD COLUMN d int");
            Await.until("the query is in the way", () -> !LoggingServer.runs(statement, "SELECT count(*) FROM t"));
        }
    }

    private void loseSlot() {
        server.execute("SELECT pg_create_physical_replication_slot('left', true)");
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 6; i++) {
                server.execute("CREATE TABLE segment_" + half + i + " (a int); SELECT pg_switch_wal()");
            }
            server.execute("CHECKPOINT");
        }
    }

    private void corruption() throws SQLException {
        server.execute("CREATE TABLE broken AS SELECT g FROM generate_series(1, 1000) g; CHECKPOINT");
        Path file = server.data()
                .resolve("base/" + logging.number("SELECT oid FROM pg_database WHERE datname = 'postgres'") + "/"
                        + logging.number("SELECT pg_relation_filenode('broken')"));
        server.append("postgresql.conf", "archive_mode = on\narchive_command = 'false'\n");
        server.stop();
        LoggingServer.asServer(
                "dd", "if=/dev/urandom", "of=" + file, "bs=8192", "count=1", "conv=notrunc", "status=none");
        server.restart();
        logging.fail("SELECT count(*) FROM broken");
        server.execute("CREATE TABLE archived (a int); SELECT pg_switch_wal()");
        Await.until("archiving fails", () -> logging.number("SELECT failed_count FROM pg_stat_archiver") > 0);
    }

    private void crash() throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            long victim = connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
            Unprivileged.run(List.of("kill", "-KILL", Long.toString(victim)));
            Await.until("the session is gone", () -> !LoggingServer.runs(statement, "SELECT 1"));
        }
        // Whoever comes too early is told to wait, which is an event too.
        Await.until("the server is back after its crash", () -> logging.number("SELECT 1") == 1);
    }

    @Override
    public void close() {
        Unprivileged.run(List.of(
                "sh",
                "-c",
                "test ! -e \"$1\" || kill -QUIT $(head -n 1 \"$1\") 2>/dev/null || true",
                "sh",
                standby + "/data/postmaster.pid"));
        Unprivileged.delete(standby);
    }
}
