package org.pgpod.logshipper.loop;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Future;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.postgresql.PGConnection;

/** Provokes what statements lead to: errors, locks, vacuums, limits. */
final class StatementEvents {
    private static final String LARGE_SORT =
            "SELECT count(*) FROM (SELECT repeat('x', 100) || g AS g FROM generate_series(1, 5000) g ORDER BY 1) s";

    private final LoggingServer logging;
    private final PostgresServer server;

    StatementEvents(LoggingServer logging) {
        this.logging = logging;
        this.server = logging.server();
    }

    void provoke() throws Exception {
        prepare();
        errors();
        errorsInSessions();
        deadlock();
        lockWait();
        serializationFailure();
        vacuum();
        limits();
    }

    private void prepare() {
        server.execute("CREATE TABLE t (a int PRIMARY KEY, b varchar(3) CHECK (b <> 'no'), c int NOT NULL DEFAULT 1);"
                + " CREATE TABLE child (a int REFERENCES t);"
                + " CREATE TABLE spans (r int4range, EXCLUDE USING gist (r WITH &&));"
                + " CREATE ROLE reader LOGIN PASSWORD 'reader-secret'; CREATE ROLE rejected LOGIN;"
                + " CREATE ROLE crowded LOGIN CONNECTION LIMIT 0;"
                + " INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO child VALUES (1);"
                + " INSERT INTO spans VALUES ('[1,5)')");
    }

    private void errors() {
        logging.fail("SELEC 1");
        logging.fail("SELECT * FROM missing");
        logging.fail("SELECT missing FROM t");
        logging.fail("SELECT missing(1)");
        logging.fail("CREATE TABLE t (a int)");
        logging.fail("SET ROLE reader; SELECT * FROM t");
        logging.fail("INSERT INTO t VALUES (1, 'a')");
        logging.fail("INSERT INTO child VALUES (99)");
        logging.fail("INSERT INTO t VALUES (7, 'a', NULL)");
        logging.fail("INSERT INTO t VALUES (7, 'no')");
        logging.fail("INSERT INTO spans VALUES ('[2,3)')");
        logging.fail("SELECT 'x'::int");
        logging.fail("SELECT convert_from('\\xff', 'UTF8')");
        logging.fail("SELECT 2147483647 + 1");
        logging.fail("INSERT INTO t VALUES (7, 'long')");
        logging.fail("SELECT 1 / 0");
        logging.fail("DO $$ BEGIN RAISE EXCEPTION 'raised'; END $$");
        logging.fail("BEGIN TRANSACTION READ ONLY; INSERT INTO t VALUES (8, 'a')");
        logging.fail("SET statement_timeout = '20ms'; SELECT pg_sleep(10)");
    }

    private void errorsInSessions() throws SQLException, IOException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            try {
                connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY t FROM STDIN", new StringReader("7\n"));
                throw new AssertionError("a line without all columns was taken");
            } catch (SQLException expected) {
                connection.clearWarnings();
            }
            connection.setAutoCommit(false);
            LoggingServer.failIn(statement, "SELECT 1 / 0");
            LoggingServer.failIn(statement, "SELECT 1");
            connection.rollback();
        }
    }

    private void deadlock() throws Exception {
        try (Connection one = server.connect();
                Statement first = one.createStatement();
                Connection two = server.connect();
                Statement second = two.createStatement()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            first.execute("UPDATE t SET b = 'x' WHERE a = 1");
            second.execute("UPDATE t SET b = 'y' WHERE a = 2");
            logging.fail("SET lock_timeout = '20ms'; UPDATE t SET b = 'z' WHERE a = 1");
            Future<Boolean> waiting =
                    logging.inBackground(() -> LoggingServer.runs(first, "UPDATE t SET b = 'x' WHERE a = 2"));
            boolean survived = LoggingServer.runs(second, "UPDATE t SET b = 'y' WHERE a = 1");
            if (survived == waiting.get()) {
                throw new AssertionError("one of the two is the victim");
            }
            one.rollback();
            two.rollback();
        }
    }

    private void lockWait() throws Exception {
        try (Connection one = server.connect();
                Statement first = one.createStatement();
                Connection two = server.connect();
                Statement second = two.createStatement()) {
            one.setAutoCommit(false);
            first.execute("UPDATE t SET b = 'x' WHERE a = 1");
            Future<Boolean> waiting =
                    logging.inBackground(() -> LoggingServer.runs(second, "UPDATE t SET b = 'y' WHERE a = 1"));
            Await.until(
                    "a session waits for long",
                    () -> logging.number("SELECT count(*) FROM pg_locks"
                                    + " WHERE NOT granted AND waitstart < now() - interval '120 ms'")
                            > 0);
            one.commit();
            waiting.get();
        }
    }

    private void serializationFailure() throws SQLException {
        try (Connection one = server.connect();
                Statement first = one.createStatement()) {
            one.setAutoCommit(false);
            one.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            first.execute("SELECT * FROM t");
            server.execute("UPDATE t SET b = 'q' WHERE a = 2");
            LoggingServer.failIn(first, "UPDATE t SET b = 'r' WHERE a = 2");
            one.rollback();
        }
    }

    private void vacuum() {
        server.execute(
                "CREATE TABLE churn AS SELECT g FROM generate_series(1, 2000) g; DELETE FROM churn WHERE g % 2 = 0;"
                        + " CREATE TABLE slow AS SELECT g FROM generate_series(1, 30000) g;"
                        + " ALTER TABLE slow SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);"
                        + " DELETE FROM slow WHERE g % 2 = 0");
        server.execute(LARGE_SORT);
        Await.until("an autovacuum of slow gives way", () -> {
            if (logging.number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'autovacuum: VACUUM%slow%'")
                    == 0) {
                return false;
            }
            server.execute("BEGIN; LOCK TABLE slow; COMMIT");
            return true;
        });
        Await.until(
                "churn is vacuumed and analyzed",
                () -> logging.number("SELECT count(*) FROM pg_stat_all_tables"
                                + " WHERE relname = 'churn' AND autovacuum_count > 0 AND autoanalyze_count > 0")
                        > 0);
        server.execute("DROP TABLE slow");
    }

    private void limits() {
        logging.fail("SET temp_file_limit = '10kB'; " + LARGE_SORT);
        logging.fail("BEGIN; DO $$ BEGIN FOR i IN 1..3000 LOOP EXECUTE 'CREATE TABLE many_' || i || ' (a int)';"
                + " END LOOP; END $$");
        logging.fail("SELECT repeat('x', 2000000000)");
        server.execute("CREATE FUNCTION internal() RETURNS int LANGUAGE sql AS 'SELECT 1';"
                + " UPDATE pg_proc SET prolang = 99999 WHERE proname = 'internal'");
        logging.fail("SELECT internal()");
        server.execute("DELETE FROM pg_proc WHERE proname = 'internal'");
    }
}
