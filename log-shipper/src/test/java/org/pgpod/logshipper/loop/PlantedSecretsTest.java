package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.slf4j.LoggerFactory;

/**
 * Secrets that real servers and sidecars log in every position reach no row of the store, no metric and no log of the
 * shipper. CREDENTIAL stands where a password stands, DATA in literals, parameters and rows.
 */
class PlantedSecretsTest {
    private static final String CREDENTIAL = "plugh";
    private static final String DATA = "xyzzy";

    private static final List<String> STATEMENTS = List.of(
            "CREATE ROLE one LOGIN PASSWORD 'plugh1'",
            "ALTER ROLE one ENCRYPTED PASSWORD $$plugh2$$",
            "ALTER ROLE one PASSWORD /* c */ E'plugh\\x33'",
            "ALTER ROLE one PASSWORD plugh4",
            "SELECT 1; ALTER ROLE one PASSWORD \"plugh5\"",
            "ALTER ROLE one PASSWORD 'plugh6",
            "CREATE FOREIGN DATA WRAPPER w",
            "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h', password 'plugh7')",
            "CREATE USER MAPPING FOR one SERVER s OPTIONS (user 'u', password 'plugh8')",
            "CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port=1 password=plugh9' PUBLICATION p",
            "COMMENT ON ROLE one IS 'postgres://user:plugh10@host/db'",
            "ALTER SYSTEM SET primary_conninfo = 'host=h user=u password=plugh11'",
            "SELECT set_config('my.password', 'plugh12', false)",
            "SET application_name = 'password=plugh13'",
            "SELECT 'SCRAM-SHA-256$4096:plugh14$plugh15:plugh16'",
            "DO $$ BEGIN EXECUTE 'ALTER ROLE one PASSWORD ''plugh17'''; END $$",
            "DO $$ BEGIN EXECUTE 'ALTER ROLE nobody PASSWORD ''plugh18'''; END $$",
            "UPDATE accounts SET password = 'plugh19'",
            "SELECT 'xyzzy1', $$xyzzy2$$, $x$xyzzy3$x$, E'xyzzy4', U&'xyzzy5' /* xyzzy6 */ -- xyzzy7",
            "SELECT 1 AS a,\n 'xyzzy8\n xyzzy9' AS b\n FROM t",
            "INSERT INTO t VALUES ('xyzzy10')",
            "INSERT INTO t VALUES ('xyzzy10')",
            "INSERT INTO t VALUES ('xyzzy11', NULL)",
            "INSERT INTO t VALUES ('xyzzy12', 'no')",
            "INSERT INTO child VALUES ('xyzzy13')",
            "SELECT 'xyzzy14'::int",
            "SELECT 'xyzzy\"15\"x'::int",
            "SELECT 'xyzzy16'::date",
            "SELECT '{\"a\": xyzzy17}'::json",
            "SELECT 'xyzzy18'::mood",
            "SELEC 'xyzzy19'",
            "SELECT 'xyzzy20",
            "SELECT * FROM t WHERE a = 'xyzzy21' AND missing = 'xyzzy22'",
            "PREPARE p AS SELECT 'xyzzy23', $1::text; EXECUTE p('xyzzy24')",
            "BEGIN; DECLARE c CURSOR FOR SELECT 'xyzzy25'; FETCH c; COMMIT",
            "DO $$ BEGIN RAISE NOTICE 'xyzzy26'; RAISE LOG 'xyzzy27'; RAISE WARNING 'xyzzy28'; END $$",
            "DO $$ BEGIN RAISE LOG 'checkpoint complete: xyzzy29'; END $$",
            "DO $$ BEGIN RAISE EXCEPTION 'xyzzy30' USING DETAIL = 'xyzzy31', HINT = 'xyzzy32'; END $$",
            "DO $$ BEGIN ASSERT false, 'xyzzy33'; END $$",
            "DO $$ BEGIN EXECUTE 'INSERT INTO child VALUES (''xyzzy34'')'; END $$",
            "DO $$ BEGIN EXECUTE 'SELEC ''xyzzy35'''; END $$",
            "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ''xyzzy36'''",
            "SET statement_timeout = '20ms'; SELECT pg_sleep(9), 'xyzzy37'",
            "SELECT count(*) FROM (SELECT 'xyzzy38' || g FROM generate_series(1, 9000) g ORDER BY 1) s",
            "SET work_mem = 'xyzzy39'",
            "SELECT * FROM t WHERE a LIKE 'xyzzy40%' AND b <> 'xyzzy41'",
            "SELECT convert_from('\\x78797a7a79ff', 'UTF8')",
            "SELECT regexp_replace('a', 'xyzzy42(', '')",
            "SELECT ('xyzzy43' || chr(10) || 'x')::inet",
            "CREATE TABLE xml_test AS SELECT xmlparse(document '<xyzzy44')");

    @Test
    void whatIsPlantedDoesNotComeOut() throws Exception {
        try (PostgresServer sink = PostgresServer.start();
                Pod pod = new Pod(sink)) {
            // What stands in both formats is read in one, so each has a server.
            for (String destination : List.of("jsonlog", "stderr")) {
                try (LoggingServer source = new LoggingServer(
                        pod.postgresLogs(),
                        Map.of(
                                "log_destination",
                                destination,
                                "log_statement",
                                "all",
                                "log_parameter_max_length_on_error",
                                "-1",
                                "log_min_messages",
                                "notice",
                                "log_filename",
                                destination + ".log"))) {
                    plant(source.server());
                }
            }
            int records = pod.recordsInFiles().size();
            plantInFiles(pod);
            ListAppender<ILoggingEvent> own = new ListAppender<>();
            Logger root = (Logger) LoggerFactory.getLogger("org.pgpod");
            own.start();
            root.addAppender(own);
            try {
                assertThat(leaks(ship(pod, records, Map.of()), CREDENTIAL, DATA))
                        .as("with the default policy")
                        .isEmpty();
                assertThat(pod.texts("SELECT extra -> 'audit' ->> 'class' FROM pgpod_logs.postgres_log"
                                + " WHERE extra ? 'audit' ORDER BY line_num"))
                        .containsExactly("ROLE", "MISC", "READ", "WRITE");
                assertThat(pod.number("SELECT count(DISTINCT event) FROM pgpod_logs.postgres_log"))
                        .as("it is not for lack of records")
                        .isGreaterThan(20);
                sink.execute("DROP SCHEMA pgpod_logs CASCADE");
                String keep = "keep";
                List<String> kept = ship(
                        pod, records, Map.of("bindParameters", keep, "statementLiterals", keep, "tableData", keep));
                assertThat(leaks(kept, CREDENTIAL)).as("with everything kept").isEmpty();
                for (int data : new int[] {1, 10, 11, 14, 24, 30, 41, 50, 51, 63, 64, 66}) {
                    assertThat(leaks(kept, DATA + data)).as("data %d", data).isNotEmpty();
                }
            } finally {
                root.detachAppender(own);
            }
            assertThat(leaks(
                            own.list.stream()
                                    .map(ILoggingEvent::getFormattedMessage)
                                    .toList(),
                            CREDENTIAL,
                            DATA))
                    .isEmpty();
        }
    }

    private static List<String> leaks(List<String> texts, String... planted) {
        return texts.stream()
                .filter(text -> java.util.Arrays.stream(planted).anyMatch(text::contains))
                .toList();
    }

    /** Every row of the store as text, and the page of metrics, once everything is stored. */
    private static List<String> ship(Pod pod, int records, Map<String, String> options) throws Exception {
        int port = PostgresServer.freePort();
        Sidecar shipper = pod.start(port, options);
        Await.until("all records", () -> pod.number("SELECT count(*) FROM pgpod_logs.postgres_log") >= records);
        Await.until(
                "nothing is left",
                () -> Pod.get(port, "/metrics").contains("pgpod_log_lag_bytes{sink=\"postgres\"} 0.0"));
        String metrics = Pod.get(port, "/metrics");
        pod.stop(shipper);
        List<String> everything = new java.util.ArrayList<>(List.of(metrics.split("\n", -1)));
        for (String table : List.of("postgres_log", "sidecar_log", "postgres_stderr", "dead_letter", "file")) {
            everything.addAll(pod.texts("SELECT r::text FROM pgpod_logs." + table + " r"));
        }
        everything.addAll(
                pod.texts("SELECT convert_from(raw, 'LATIN1') FROM pgpod_logs.dead_letter WHERE raw IS NOT NULL"));
        assertThat(pod.number("SELECT count(*) FROM pgpod_logs.postgres_stderr"))
                .isGreaterThan(50);
        assertThat(pod.number("SELECT count(*) FROM pgpod_logs.dead_letter WHERE raw_sha256 IS NOT NULL"))
                .isEqualTo(2);
        return everything;
    }

    private static void plant(PostgresServer server) throws Exception {
        server.execute("CREATE TYPE mood AS ENUM ('good'); CREATE TABLE accounts (password text);"
                + " CREATE TABLE t (a text PRIMARY KEY, b text NOT NULL DEFAULT 'x' CHECK (b <> 'no'));"
                + " CREATE TABLE child (a text REFERENCES t)");
        Properties simple = new Properties();
        simple.setProperty("user", "postgres");
        simple.setProperty("preferQueryMode", "simple");
        for (String sql : STATEMENTS) {
            try (Connection connection = DriverManager.getConnection(server.url("postgres"), simple);
                    Statement statement = connection.createStatement()) {
                statement.setEscapeProcessing(false);
                LoggingServer.runs(statement, sql);
                LoggingServer.runs(statement, "SELECT 1 / 0");
            }
        }
        plantParameters(server);
        server.reload();
    }

    private static void plantParameters(PostgresServer server) throws Exception {
        try (Connection connection = server.connect();
                Statement copying = connection.createStatement()) {
            for (String sql : List.of("SELECT ?::text, 1", "SELECT ?::int", "INSERT INTO child VALUES (?)")) {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    statement.setObject(1, "xyzzy50", java.sql.Types.OTHER);
                    statement.execute();
                } catch (SQLException expected) {
                    assertThat(expected.getSQLState()).isIn("22P02", "23503", "42804");
                }
            }
            try (PreparedStatement statement = connection.prepareStatement("UPDATE accounts SET password = ?")) {
                statement.setString(1, "plugh20");
                statement.execute();
            }
            copying.execute("CREATE TABLE numbers (n int, m text)");
            try {
                connection
                        .unwrap(org.postgresql.PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY numbers FROM STDIN", new java.io.StringReader("1\ta\nxyzzy51\tb\n"));
            } catch (SQLException expected) {
                assertThat(expected.getSQLState()).isEqualTo("22P02");
            }
        }
    }

    /** What pgAudit writes: a password that it did not recognise as one, literals, parameters. */
    private static void plantAudits(Pod pod) throws Exception {
        List<String> audits = List.of(
                "ROLE,ALTER ROLE,,,ALTER ROLE one PASSWORD 'plugh40',<not logged>",
                "MISC,SET,,,\"SELECT set_config('my.password', $1, false)\",plugh41",
                "READ,SELECT,TABLE,public.t,\"SELECT 'xyzzy63', a FROM t WHERE b = \"\"c\"\"\",\"xyzzy64,\"\"xyzzy65\"\"\",7",
                "WRITE,INSERT,TABLE,public.t,INSERT INTO t VALUES ('xyzzy66'",
                "'xyzzy67'");
        StringBuilder json = new StringBuilder();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < audits.size(); i++) {
            String message = "AUDIT: SESSION,1,1," + audits.get(i);
            json.append(
                    "{\"timestamp\":\"2026-11-05 10:20:36.123 UTC\",\"pid\":7,\"session_id\":\"66f.7\",\"line_num\":"
                            + i + ",\"error_severity\":\"LOG\",\"message\":\"" + message.replace("\"", "\\\"")
                            + "\"}\n");
            text.append("2026-11-05 10:20:36.123 UTC [8] LOG:  ")
                    .append(message)
                    .append('\n');
        }
        Files.writeString(pod.postgresLogs().resolve("audit.json"), json, StandardOpenOption.CREATE_NEW);
        Files.writeString(pod.postgresLogs().resolve("audit.log"), text, StandardOpenOption.CREATE_NEW);
    }

    private static void plantInFiles(Pod pod) throws Exception {
        plantAudits(pod);
        String time = "{\"timestamp\":\"" + Instant.now() + "\",";
        pod.append(
                "exporter.jsonl",
                time + "\"line\":1,\"message\":\"connecting url=postgres://u:plugh30@h/d password=plugh31\"}\n"
                        + time + "\"line\":2,\"message\":\"m\",\"exception\":\"x: password: plugh32\\n\\tat y\"}\n"
                        + time + "\"line\":3,\"message\":\"m\",\"settings\":{\"api_key\":\"plugh33\"}}\n"
                        + time + "\"line\":4,\"message\":\"Authorization: Bearer plugh34plugh34\"}\n"
                        + "not json xyzzy60\n");
        Files.writeString(
                pod.postgresLogs().resolve("other.log"),
                "archive: curl https://user:plugh35@host/ failed\nldapbindpasswd=\"plugh36\"\n",
                StandardOpenOption.CREATE_NEW);
        Files.writeString(
                pod.postgresLogs().resolve("torn.json"), "{\"message\":\"xyzzy61\n", StandardOpenOption.CREATE_NEW);
    }
}
