package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** A real server with pgAudit, from Debian's package: its library is enough for everything but DDL by event triggers. */
class PgAuditTest {
    @Test
    @Tag("long")
    void recordsOfPgAuditHaveTheirColumns() throws Exception {
        Path unpacked = Unprivileged.directory("pgaudit");
        try (PostgresServer sink = PostgresServer.start();
                Pod pod = new Pod(sink);
                LoggingServer source = new LoggingServer(
                        pod.postgresLogs(),
                        Map.of(
                                "shared_preload_libraries", library(unpacked).toString(),
                                "pgaudit.log", "all",
                                "pgaudit.log_parameter", "on",
                                "pgaudit.log_relation", "on",
                                "pgaudit.log_rows", "on"))) {
            pod.start();
            try (Connection connection = source.server().connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE account (id int, name text)");
                statement.execute("CREATE ROLE one LOGIN PASSWORD 'plugh'");
                try (PreparedStatement insert = connection.prepareStatement("INSERT INTO account VALUES (?, ?)")) {
                    insert.setInt(1, 1);
                    insert.setString(2, "xyzzy, \"quoted\"");
                    insert.execute();
                }
                statement.execute("SELECT * FROM account WHERE name = 'xyzzy'");
            }
            Await.until("the last one", () -> audits(pod).stream().anyMatch(text -> text.startsWith("READ")));
            assertThat(audits(pod))
                    .contains(
                            "DDL CREATE TABLE - - 0",
                            "ROLE CREATE ROLE - - 0",
                            "WRITE INSERT TABLE public.account 1",
                            "READ SELECT TABLE public.account 0");
            assertThat(pod.texts("SELECT message FROM pgpod_logs.postgres_log WHERE extra ? 'audit'"))
                    .allMatch(text -> text.startsWith("AUDIT: SESSION,"))
                    .noneMatch(text -> text.contains("xyzzy") || text.contains("plugh"));
        } finally {
            Unprivileged.delete(unpacked);
        }
    }

    private static List<String> audits(Pod pod) throws Exception {
        return pod.texts("SELECT concat_ws(' ', a ->> 'class', a ->> 'command', coalesce(a ->> 'object_type', '-'),"
                + " coalesce(a ->> 'object_name', '-'), coalesce(a ->> 'rows', '-'))"
                + " FROM pgpod_logs.postgres_log, LATERAL (SELECT extra -> 'audit') AS e(a) WHERE extra ? 'audit'");
    }

    private static Path library(Path directory) throws Exception {
        Unprivileged.run(List.of(
                "sh",
                "-c",
                "cd \"$1\" && apt-get -q download postgresql-15-pgaudit && dpkg -x postgresql-15-pgaudit_*.deb ."
                        + " && chmod -R a+rX .",
                "sh",
                directory.toString()));
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.endsWith("pgaudit.so")).findFirst().orElseThrow();
        }
    }
}
