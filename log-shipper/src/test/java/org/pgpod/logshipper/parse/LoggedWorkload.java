package org.pgpod.logshipper.parse;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.pgpod.core.testing.PostgresServer;

/** Statements that make a server log errors of many classes, with every part that a record can have. */
final class LoggedWorkload {
    /** A statement for each SQLSTATE. */
    private static final Map<String, String> FAILING = new LinkedHashMap<>();

    static {
        FAILING.put("22012", "SELECT 1 / 0");
        FAILING.put("42601", "SELEC 'é漢😀 \\ \"quoted\"\n\tnext line\n\nafter an empty one'");
        FAILING.put("42P01", "SELECT * FROM missing, \"Sp ace,d\"");
        FAILING.put("42703", "SELECT nothing FROM pairs");
        FAILING.put("42883", "SELECT nofunction(1, 'a')");
        FAILING.put("22P02", "SELECT 'x,\"y'::integer");
        FAILING.put("22003", "SELECT 2147483647 + 1");
        FAILING.put("22001", "INSERT INTO pairs VALUES (3, repeat('z', 20))");
        FAILING.put("23505", "INSERT INTO pairs VALUES (1, 'twice')");
        FAILING.put("23502", "INSERT INTO pairs VALUES (NULL, 'null')");
        FAILING.put("23514", "INSERT INTO pairs VALUES (-1, 'check')");
        FAILING.put("23503", "INSERT INTO children VALUES (99)");
        FAILING.put("2BP01", "DROP TABLE pairs");
        FAILING.put("25006", "BEGIN READ ONLY; INSERT INTO pairs VALUES (8, 'r')");
        FAILING.put("57014", "SET LOCAL statement_timeout = 20; SELECT pg_sleep(10)");
        FAILING.put(
                "P0001",
                "DO $$ BEGIN RAISE EXCEPTION E'first\\nsecond' USING DETAIL = E'd1\\n\\nd2: LOG:  x', HINT = 'é hint'; END $$");
        FAILING.put(
                "22023",
                "DO $$ BEGIN EXECUTE 'SELECT pg_input_bad(1)'; EXCEPTION WHEN undefined_function THEN"
                        + " RAISE invalid_parameter_value USING MESSAGE = ''; END $$");
        FAILING.put("42704", "DO $$ BEGIN EXECUTE E'SELECT 1::\\nnotype'; END $$");
        FAILING.put("0A000", "ALTER DATABASE postgres RENAME TO other");
        FAILING.put("3F000", "CREATE TABLE noschema.t ()");
        FAILING.put("42501", "SET SESSION AUTHORIZATION weak; SELECT * FROM pairs");
        FAILING.put("42P07", "CREATE TABLE pairs ()");
        FAILING.put("55000", "SELECT currval('children_a')");
        FAILING.put("21000", "SELECT (SELECT * FROM (VALUES (1), (2)) AS v)");
        FAILING.put("24000", "BEGIN; DECLARE c CURSOR FOR SELECT 1; UPDATE pairs SET a = 5 WHERE CURRENT OF c");
        FAILING.put("26000", "EXECUTE unprepared");
        FAILING.put("34000", "FETCH FROM nocursor");
        FAILING.put("42803", "SELECT a, count(*) FROM pairs");
    }

    private LoggedWorkload() {}

    /** Runs it, with sessions that have and have not an application name, short and verbose records. */
    static void run(PostgresServer server) throws SQLException {
        server.execute(
                "CREATE TABLE pairs (a integer PRIMARY KEY CHECK (a > 0), b varchar(10) NOT NULL);"
                        + " INSERT INTO pairs VALUES (1, 'x'); CREATE TABLE children (a integer REFERENCES pairs); CREATE ROLE weak; CREATE SEQUENCE children_a");
        for (String verbosity : new String[] {"default", "verbose", "terse"}) {
            for (String application : new String[] {"", "an \"app\", é"}) {
                try (Connection connection = connect(server, "postgres", application);
                        Statement statement = connection.createStatement()) {
                    statement.execute("SET log_error_verbosity = " + verbosity);
                    statement.execute("SET log_min_messages = debug1");
                    for (String sql : FAILING.values()) {
                        fail(statement, sql);
                    }
                    statement.execute("DO $$ BEGIN RAISE WARNING 'w'; RAISE LOG E'one\\ntwo'; RAISE DEBUG 'd'; END $$");
                }
            }
        }
        try (Connection refused = connect(server, "nowhere", "app")) {
            throw new IllegalStateException("connected to " + refused.getCatalog());
        } catch (SQLException expected) {
            if (!"3D000".equals(expected.getSQLState())) {
                throw expected;
            }
        }
    }

    /** The SQLSTATEs that the statements are logged with. */
    static java.util.Set<String> states() {
        return FAILING.keySet();
    }

    private static void fail(Statement statement, String sql) throws SQLException {
        try {
            statement.execute(sql);
        } catch (SQLException expected) {
            if (expected.getSQLState().startsWith("08")) {
                throw expected;
            }
        }
        statement.execute("ROLLBACK; RESET SESSION AUTHORIZATION");
    }

    private static Connection connect(PostgresServer server, String database, String application) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("ApplicationName", application);
        properties.setProperty("preferQueryMode", "simple");
        return DriverManager.getConnection(server.url(database), properties);
    }
}
