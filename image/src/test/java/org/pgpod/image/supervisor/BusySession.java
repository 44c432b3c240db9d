package org.pgpod.image.supervisor;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A session whose backend is in a loop that never looks at the postmaster, as a backend is while it computes: it
 * outlives the postmaster by its statement, at the end of which it commits a row.
 */
record BusySession(long backend, CompletableFuture<Boolean> committed) {

    /** Starts the statement in table {@code t}, which it creates, and waits until it runs. */
    static BusySession start(Supervisor supervisor, int seconds) throws Exception {
        supervisor.execute("create table t (i int)");
        Connection connection = supervisor.connect();
        long backend = backendOf(connection);
        String loop = """
                do $$ declare
                  finish timestamptz := clock_timestamp() + interval '%d s';
                begin
                  insert into t values (1);
                  while clock_timestamp() < finish loop end loop;
                end $$""".formatted(seconds);
        BusySession session = new BusySession(backend, CompletableFuture.supplyAsync(() -> run(connection, loop)));
        String state = "select state from pg_stat_activity where pid = " + backend;
        Eventually.until("the statement runs", () -> supervisor.query(state).equals("active"));
        return session;
    }

    /** Whether the client was told that its statement succeeded. */
    boolean awaitCommitted() throws Exception {
        return committed.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static boolean run(Connection connection, String sql) {
        try (connection;
                var statement = connection.createStatement()) {
            statement.execute(sql);
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private static long backendOf(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("select pg_backend_pid()")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
