package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** A real server whose formats of log are changed while it runs: each of its records comes once. */
class SeveralFormatsTest {
    private static final String PREFIX = "%m [%p] <%c> %l ";
    private static final List<String> DESTINATIONS = List.of(
            "jsonlog,csvlog,stderr",
            "stderr",
            "csvlog,stderr",
            "jsonlog",
            "csvlog",
            "jsonlog,stderr",
            "jsonlog,csvlog");
    private static final int ROUNDS = 14;
    private static final int RECORDS = 40;

    private static PostgresServer sink;

    @BeforeAll
    static void startSink() {
        sink = PostgresServer.start();
    }

    @BeforeEach
    void emptyStore() {
        sink.execute("DROP SCHEMA IF EXISTS pgpod_logs CASCADE");
    }

    @AfterAll
    static void stopSink() {
        sink.close();
    }

    private static PostgresServer source(Pod pod, String prefix) {
        return PostgresServer.with(Map.of(
                "logging_collector",
                "on",
                "log_destination",
                DESTINATIONS.getFirst(),
                "log_directory",
                pod.postgresLogs().toString(),
                // The same name for every format and always: only what the files hold tells what stands twice.
                "log_filename",
                "postgresql.log",
                "log_line_prefix",
                prefix,
                "log_timezone",
                "UTC"));
    }

    /** Logs records with the numbers from {@code first}, and others that are not counted. */
    private static void log(PostgresServer source, int first) {
        source.execute("DO $$ BEGIN FOR i IN " + first + ".." + (first + RECORDS - 1)
                + " LOOP RAISE LOG E'number % of\\n several', i; END LOOP; END $$");
    }

    @Test
    void everyRecordComesOnceWhateverTheDestination() throws Exception {
        try (Pod pod = new Pod(sink);
                PostgresServer source = source(pod, PREFIX)) {
            Map<String, String> options = Map.of("logLinePrefix", "'" + PREFIX + "'", "tableData", "keep");
            Sidecar shipper = pod.start(PostgresServer.freePort(), options);
            for (int round = 0; round < ROUNDS; round++) {
                source.execute(
                        "ALTER SYSTEM SET log_destination = '" + DESTINATIONS.get(round % DESTINATIONS.size()) + "'");
                source.execute("SELECT pg_reload_conf()");
                log(source, round * RECORDS);
                if (round % 5 == 4) {
                    pod.stop(shipper);
                    shipper = pod.start(PostgresServer.freePort(), options);
                }
                if (round == 6) {
                    Files.writeString(
                            pod.postgresLogs().resolve("postgresql.log"),
                            "a library's line\n",
                            StandardOpenOption.APPEND);
                }
            }
            int all = ROUNDS * RECORDS;
            String numbers = "FROM pgpod_logs.postgres_log WHERE message ~ '^number [0-9]+ of\\n several$'";
            Await.until("all records", () -> pod.number("SELECT count(DISTINCT message) " + numbers) == all);
            source.stop();
            pod.stop(shipper);
            String round = "(substring(message FROM '[0-9]+')::integer / " + RECORDS + ")";
            assertThat(pod.texts("SELECT 'round ' || " + round + " || ' has ' || count(*) " + numbers + " GROUP BY "
                            + round + " HAVING count(*) <> " + RECORDS))
                    .isEmpty();
            assertThat(pod.texts("SELECT line FROM pgpod_logs.postgres_stderr")).containsExactly("a library's line");
            assertThat(pod.texts("SELECT reason FROM pgpod_logs.dead_letter")).isEmpty();
            assertThat(pod.texts("SELECT count(*) FROM pgpod_logs.postgres_log WHERE message LIKE '%is shut down'"))
                    .containsExactly("1");
        }
    }

    @Test
    void prefixWithoutIdentityKeepsWhatOnlyStandardErrorHasAsText() throws Exception {
        try (Pod pod = new Pod(sink);
                PostgresServer source = source(pod, "%m [%p] ")) {
            pod.start(PostgresServer.freePort(), Map.of("tableData", "keep"));
            log(source, 0);
            source.execute("ALTER SYSTEM SET log_destination = 'stderr'");
            source.execute("SELECT pg_reload_conf()");
            log(source, RECORDS);
            String stderr = "SELECT count(*) FROM pgpod_logs.postgres_stderr WHERE line LIKE '%LOG:  number %'";
            Await.until("records of standard error", () -> pod.number(stderr) >= RECORDS);
            String structured =
                    "SELECT count(DISTINCT message) FROM pgpod_logs.postgres_log WHERE message LIKE 'number %'";
            Await.until("records of jsonlog", () -> pod.number(structured) >= RECORDS);
            assertThat(pod.number(stderr) + pod.number(structured)).isEqualTo(2 * RECORDS);
        }
    }
}
