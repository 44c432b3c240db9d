package org.pgpod.haagent.act;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Runs texts of SQL at most once in one database: text and note that it ran are one transaction. A text that ends the
 * transaction itself leaves a note without an end; it is reported, and never run again.
 */
final class OnceLedger {
    private static final String TABLE = """
            create schema if not exists pgpod;
            create table if not exists pgpod.bootstrap_sql (
              name text primary key,
              began timestamptz not null default pg_catalog.clock_timestamp(),
              ended timestamptz)
            """;
    private static final String OBJECT_NOT_IN_PREREQUISITE_STATE = "55000";

    private final Connection connection;

    OnceLedger(Connection connection) {
        this.connection = connection;
    }

    /** Whether it ran now; false if it had run before. A failure leaves nothing of it. */
    boolean run(String name, String text) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            // An earlier run whose client is gone may still be at it.
            statement.execute("set lock_timeout = '10s'; set client_min_messages = warning");
            statement.execute(TABLE);
            connection.commit();
            if (isDone(name)) {
                connection.commit();
                return false;
            }
            note("insert into pgpod.bootstrap_sql (name) values (?)", name);
            String transaction = transaction(statement);
            statement.execute("reset lock_timeout; reset client_min_messages");
            statement.execute(text);
            if (!transaction(statement).equals(transaction)) {
                connection.rollback();
                throw unfinished("it begins or ends a transaction, which an SQL file of a bootstrap must not");
            }
            statement.execute("reset session authorization; reset role");
            note("update pgpod.bootstrap_sql set ended = pg_catalog.clock_timestamp() where name = ?", name);
            connection.commit();
            return true;
        }
    }

    private boolean isDone(String name) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("select ended from pgpod.bootstrap_sql where name = ?")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
                if (row.getString(1) == null) {
                    throw unfinished(
                            "it ended its transaction in the middle, and part of it has run; undo that by hand,"
                                    + " and delete its row in pgpod.bootstrap_sql, to have it run again");
                }
                return true;
            }
        }
    }

    private static SQLException unfinished(String why) {
        return new SQLException(why, OBJECT_NOT_IN_PREREQUISITE_STATE);
    }

    private void note(String sql, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            statement.executeUpdate();
        }
    }

    private static String transaction(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select pg_catalog.txid_current()")) {
            row.next();
            return row.getString(1);
        }
    }
}
