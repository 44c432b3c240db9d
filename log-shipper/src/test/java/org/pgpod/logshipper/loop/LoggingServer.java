package org.pgpod.logshipper.loop;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** A real server that logs all that it can, and what is done to it. */
final class LoggingServer implements AutoCloseable {
    private final PostgresServer server;
    private final ExecutorService sessions = Executors.newCachedThreadPool();

    LoggingServer(Path logs) {
        this(logs, Map.of());
    }

    /** A server with settings besides those, or instead of them. */
    LoggingServer(Path logs, Map<String, String> more) {
        Map<String, String> settings = settings(logs);
        settings.putAll(more);
        server = PostgresServer.with(settings);
    }

    PostgresServer server() {
        return server;
    }

    /** The settings of a server that logs all that it can. */
    private static Map<String, String> settings(Path logs) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("logging_collector", "on");
        settings.put("log_destination", "jsonlog");
        settings.put("log_directory", logs.toString());
        settings.put("log_filename", "postgresql-%Y-%m-%d_%H%M%S.log");
        settings.put("log_file_mode", "0640");
        settings.put("log_timezone", "UTC");
        settings.put("log_connections", "on");
        settings.put("log_disconnections", "on");
        settings.put("log_statement", "ddl");
        settings.put("log_min_duration_statement", "0");
        settings.put("log_lock_waits", "on");
        settings.put("deadlock_timeout", "50ms");
        settings.put("log_temp_files", "0");
        settings.put("log_checkpoints", "on");
        settings.put("log_autovacuum_min_duration", "0");
        settings.put("autovacuum_naptime", "1s");
        settings.put("autovacuum_vacuum_threshold", "5");
        settings.put("autovacuum_analyze_threshold", "5");
        settings.put("log_replication_commands", "on");
        settings.put("wal_level", "logical");
        settings.put("max_wal_size", "32MB");
        settings.put("min_wal_size", "32MB");
        settings.put("checkpoint_warning", "3600s");
        settings.put("max_locks_per_transaction", "10");
        settings.put("max_connections", "24");
        settings.put("work_mem", "64kB");
        settings.put("shared_preload_libraries", "auto_explain");
        settings.put("auto_explain.log_min_duration", "0");
        settings.put("auto_explain.log_format", "json");
        settings.put("wal_retrieve_retry_interval", "200ms");
        return settings;
    }

    void fail(String sql) {
        fail("postgres", "postgres", sql);
    }

    void fail(String database, String user, String sql) {
        try {
            Properties properties = new Properties();
            properties.setProperty("user", user);
            properties.setProperty("password", "wrong");
            properties.setProperty("preferQueryMode", "simple");
            try (Connection connection = DriverManager.getConnection(server.url(database), properties);
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        } catch (SQLException expected) {
            return;
        }
        throw new AssertionError("did not fail: " + sql);
    }

    static void failIn(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException expected) {
            return;
        }
        throw new AssertionError("did not fail: " + sql);
    }

    static boolean runs(Statement statement, String sql) {
        try {
            statement.execute(sql);
            return true;
        } catch (SQLException failed) {
            return false;
        }
    }

    long number(String sql) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Adds settings, which count at once if they can. */
    void configure(String settings) {
        server.append("postgresql.conf", settings);
        server.reload();
    }

    /** Runs something in a thread of its own. */
    <T> Future<T> inBackground(Callable<T> task) {
        return sessions.submit(task);
    }

    static void asServer(String... command) {
        Unprivileged.run(Unprivileged.asServer(List.of(command)));
    }

    @Override
    public void close() {
        sessions.shutdownNow();
        server.close();
    }
}
