package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** What a real server and its surroundings can put before a shipper of 64 MiB of heap; nothing of it holds up the rest. */
class AwkwardFilesTest {
    private static final int STATEMENT_BYTES = 50_000_000;
    private static final long MEMORY_KIB_MAX = 160 * 1_024;

    @Test
    @Tag("long")
    void largeStatementsOtherEncodingsAndUnreadableFilesHoldNothingUp() throws Exception {
        try (PostgresServer sink = PostgresServer.start();
                Pod pod = new Pod(sink);
                LoggingServer source = new LoggingServer(
                        pod.postgresLogs(),
                        Map.of("log_destination", "jsonlog,csvlog", "autovacuum", "off", "log_file_mode", "0644"))) {
            letAnyoneReadLogs(pod);
            Path late = pod.sidecarLogs().resolve("late.jsonl");
            pod.writeLines("late.jsonl", 0, 100);
            Unprivileged.run(List.of("chmod", "000", late.toString()));
            int port = PostgresServer.freePort();
            Process shipper = ShipperProcess.startWithoutPrivileges(pod.configuration(port, Map.of()));
            try {
                Await.until(
                        "the file is told to be unreadable",
                        () -> answers(port).contains("pgpod_log_unreadable_files{sink=\"postgres\"} 1.0"));
                logInLatin1(source.server());
                logLargeStatement(source.server());
                source.server().execute("SELECT 'after'");
                Unprivileged.run(List.of("chmod", "644", late.toString()));
                Await.until("the file is read once it can be", () -> pod.holdsLines(100));
                Await.until(
                        "what follows is stored",
                        () -> pod.number("SELECT count(*) FROM pgpod_logs.postgres_log WHERE message LIKE '%select ?'")
                                > 0);
                assertThat(pod.texts("SELECT state_code FROM pgpod_logs.postgres_log WHERE truncated_from_bytes > "
                                + STATEMENT_BYTES))
                        .as("once, though it stands in two files")
                        .containsExactly("22012");
                assertThat(pod.texts("SELECT reason FROM pgpod_logs.dead_letter"))
                        .isNotEmpty()
                        .containsOnly("invalid_utf8");
                assertThat(privateMemoryKib(shipper)).isLessThan(MEMORY_KIB_MAX);
            } finally {
                shipper.destroyForcibly().waitFor();
            }
        }
    }

    /** A shipper that may not read everything still needs the directories. */
    private static void letAnyoneReadLogs(Pod pod) {
        Path logs = pod.postgresLogs();
        Unprivileged.run(List.of(
                "sh", "-c", "chown $(id -u) \"$1\" && chmod 755 \"$2\"", "sh", logs.getParent() + "", logs + ""));
    }

    private static String answers(int port) {
        try {
            return Pod.get(port, "/metrics");
        } catch (java.io.IOException notYet) {
            return "";
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** The statement stands in the CONTEXT of its error, as the server writes it, without the client's having it. */
    private static void logLargeStatement(PostgresServer server) throws Exception {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            LoggingServer.failIn(
                    statement,
                    "DO $$ BEGIN EXECUTE 'SELECT 1 / 0 -- ' || repeat('x''\" ', " + STATEMENT_BYTES / 4 + "); END $$");
        }
    }

    private static void logInLatin1(PostgresServer server) throws Exception {
        server.execute("CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("preferQueryMode", "simple");
        try (Connection connection = DriverManager.getConnection(server.url("latin1"), properties);
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT 'été'");
        }
    }

    private static long privateMemoryKib(Process process) throws Exception {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
