package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** The ways in which a cluster begins, on three whole pods. */
class BootstrapClusterTest {
    private final Path directory = Unprivileged.directory("bootstrap");

    @AfterEach
    void delete() {
        Unprivileged.delete(directory);
    }

    private static String ask(TestPod pod, String sql) {
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        } catch (SQLException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    /** All members are whole and each answers {@code sql} like that. */
    private static TestPod awaitEverywhere(TestCluster cluster, String sql, String answer) {
        TestPod primary = cluster.awaitWhole();
        for (TestPod pod : cluster.pods()) {
            cluster.await(pod.name() + " answers " + answer, () -> ask(pod, sql).equals(answer));
        }
        return primary;
    }

    private static void asServer(String... command) {
        Unprivileged.run(Unprivileged.asServer(List.of(command)));
    }

    @Test
    void aClusterOpensOnlyOnceItHoldsWhatItIsToHold() throws Exception {
        Path script =
                Files.writeString(directory.resolve("1.sql"), "create table t (i int);\ninsert into tt values (1)");
        Files.writeString(directory.resolve("shop"), "the shop's\n");
        try (TestCluster cluster = new TestCluster(
                "fast",
                List.of(
                        "bootstrapRoles: [readers nologin, \"shop memberOf=readers\"]",
                        "bootstrapPasswordDirectory: " + directory,
                        "bootstrapDatabases: [shop owner=shop]",
                        "bootstrapSql: [postgres=" + script + "]"))) {
            cluster.start();
            cluster.await(
                    "the bootstrap is blocked",
                    () -> cluster.pods().stream().anyMatch(pod -> pod.everSaid("BLOCKED_BOOTSTRAP")));
            TestPod founder = cluster.pods().stream()
                    .filter(pod -> pod.everSaid("BLOCKED_BOOTSTRAP"))
                    .findFirst()
                    .orElseThrow();
            assertThat(founder.get("/status").toString())
                    .contains("line 2: relation \\\"tt\\\" does not exist (42P01)");
            assertThat(cluster.primary()).isEmpty();

            // Whatever dies in between, nothing is made twice.
            founder.killAgent();
            Files.writeString(script, "create table t (i int);\ninsert into t values (1)");
            founder.startAgent();

            awaitEverywhere(
                    cluster,
                    "select (select count(*) from t) || ' ' || (select count(*) from pg_database where datname = 'shop')"
                            + " || ' ' || pg_has_role('shop', 'readers', 'member')",
                    "1 1 true");
            for (TestPod pod : cluster.pods()) {
                assertThat(pod.logs()).doesNotContain("the shop's");
            }
        }
    }

    @Test
    @Tag("long")
    void theDataOfAnotherServerAreAdoptedByThePodThatIsNamed() throws Exception {
        try (TestCluster cluster =
                new TestCluster("fast", List.of("bootstrapMethod: adopt", "bootstrapMember: demo-1"))) {
            TestPod named = cluster.pods().get(1);
            String systemId = plainServer(cluster, named);
            cluster.start();

            TestPod primary = awaitEverywhere(
                    cluster,
                    "select what from kept",
                    "kept for " + password(named).length());

            assertThat(primary).isEqualTo(named);
            assertThat(ask(primary, "select system_identifier::text from pg_control_system()"))
                    .isEqualTo(systemId);
        }
    }

    /** Leaves the data of a plain server on the pod's volume; returns their system identifier. */
    private static String plainServer(TestCluster cluster, TestPod pod) throws IOException, SQLException {
        try (PostgresServer server = PostgresServer.start()) {
            server.execute("alter role postgres password '" + password(pod) + "'");
            server.execute(
                    "create table kept as select 'kept for " + password(pod).length() + "' as what");
            server.stop();
            Path place = cluster.directory().resolve(pod.name()).resolve("volume");
            asServer("cp", "-a", server.data().toString(), place.resolve("data").toString());
            server.restart();
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select system_identifier::text from pg_control_system()")) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static String password(TestPod pod) throws IOException {
        return Files.readString(pod.tokenFile()).strip();
    }

    @Test
    void aBackupIsRecoveredUpToItsTargetAndBecomesANewCluster() throws Exception {
        Path archive = directory.resolve("archive");
        Path backup = directory.resolve("backup");
        asServer("mkdir", archive.toString());
        try (TestCluster cluster = new TestCluster(
                "fast",
                List.of(
                        "bootstrapMethod: restore",
                        "bootstrapRestoreCommand: cp -a " + backup + "/. {target}",
                        "bootstrapWalCommand: cp " + archive + "/%f %p",
                        "bootstrapRecoveryTarget: name=the day before"))) {
            archivedServer(archive, backup, password(cluster.pods().getFirst()));
            cluster.start();

            TestPod primary = awaitEverywhere(
                    cluster, "select string_agg(what, ',' order by what) from t", "1 backed up,2 archived");

            assertThat(ask(primary, "select timeline_id::text from pg_control_checkpoint()"))
                    .isEqualTo("2");
            assertThat(ask(primary, "show restore_command")).isEmpty();
            assertThat(ask(primary, "select count(*)::text from pg_settings where pending_restart"))
                    .isEqualTo("0");
        }
    }

    /** A base backup, and after it WAL in an archive in which a restore point lies between two rows. */
    private static void archivedServer(Path archive, Path backup, String password) {
        try (PostgresServer server = PostgresServer.with(
                Map.of("wal_level", "replica", "archive_mode", "on", "archive_command", "cp %p " + archive + "/%f"))) {
            server.execute("alter role postgres password '" + password + "'");
            server.execute("create table t as select '1 backed up' as what");
            asServer(
                    PostgresServer.PROGRAMS.resolve("pg_basebackup").toString(),
                    "--dbname=postgresql://postgres@127.0.0.1:" + server.port() + "/",
                    "--pgdata=" + backup,
                    "--checkpoint=fast",
                    "--wal-method=none");
            server.execute("insert into t values ('2 archived')");
            server.execute("select pg_create_restore_point('the day before')");
            server.execute("insert into t values ('3 unwanted')");
            server.execute("select pg_switch_wal()");
            // Stopping waits for the archiver.
            server.stop();
            server.restart();
        }
    }

    @Test
    @Tag("long")
    void aMemberIsMadeFromABackupWhereThereIsOneAndFromThePrimaryElse() throws Exception {
        Path archive = directory.resolve("archive");
        Path backup = directory.resolve("backup");
        asServer("mkdir", archive.toString());
        try (TestCluster cluster = new TestCluster(
                "fast",
                List.of(
                        "cloneMethods: [\"cp -a " + backup + "/. {target}\", basebackup]",
                        "cloneWalCommand: cp " + archive + "/%f %p"))) {
            cluster.start();
            TestPod primary = cluster.awaitWhole();
            archiveFrom(cluster, primary, archive);
            asServer(
                    "env",
                    "PGPASSWORD=" + password(primary),
                    PostgresServer.PROGRAMS.resolve("pg_basebackup").toString(),
                    "--dbname=postgresql://pgpod_replication@" + primary.url().getHost() + ":5433/",
                    "--pgdata=" + backup,
                    "--checkpoint=fast",
                    "--wal-method=none");
            execute(primary, "create table t as select 'after the backup' as what");
            String segment = ask(primary, "select pg_walfile_name(pg_switch_wal())");
            cluster.await("the WAL is archived", () -> Files.exists(archive.resolve(segment)));

            TestPod standby = cluster.pods().stream()
                    .filter(pod -> pod != primary)
                    .findFirst()
                    .orElseThrow();
            standby.killEverything();
            asServer(
                    "find",
                    cluster.directory()
                            .resolve(standby.name())
                            .resolve("volume")
                            .toString(),
                    "-mindepth",
                    "1",
                    "-delete");
            standby.startSupervisor();
            standby.startAgent();

            awaitEverywhere(cluster, "select what from t", "after the backup");
            Path logs =
                    cluster.directory().resolve(standby.name()).resolve("log").resolve("postgres");
            assertThat(Unprivileged.run(List.of("sh", "-c", "cat " + logs + "/*.log")))
                    .contains("restored log file");
            cluster.await(
                    "it takes no more from the archive",
                    () -> ask(standby, "show restore_command").isEmpty());
        }
    }

    private static void archiveFrom(TestCluster cluster, TestPod primary, Path archive) throws IOException {
        String wanted = "{\"postgresql\": {\"parameters\": {\"archive_mode\": \"on\", \"archive_command\": \"cp %p "
                + archive + "/%f\"}}}";
        assertThat(primary.ask("PATCH", "/config", wanted).statusCode()).isEqualTo(200);
        for (TestPod pod : cluster.pods()) {
            cluster.await(
                    pod.name() + " waits for a restart",
                    () -> pod.get("/patroni").path("pending_restart_reason").has("archive_mode"));
            assertThat(pod.post("/restart", "{}").statusCode()).isEqualTo(200);
            cluster.await(
                    pod.name() + " archives",
                    () -> ask(pod, "show archive_mode").equals("on"));
        }
        cluster.awaitWhole();
    }

    private static void execute(TestPod pod, String sql) throws SQLException {
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
