package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** Members that do not simply stream from the primary, on three whole pods. */
@Tag("long")
class TopologyClusterTest {
    private static String ask(TestPod pod, String sql) {
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        } catch (SQLException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    private static void execute(TestPod pod, String sql) throws SQLException {
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static boolean feeds(TestPod upstream, TestPod standby) {
        return ask(
                        upstream,
                        "select count(*)::text from pg_stat_replication where state = 'streaming'"
                                + " and application_name like '" + standby.name() + "\\_%'")
                .equals("1");
    }

    private static void awaitRow(TestCluster cluster, TestPod pod, String what) {
        cluster.await(
                pod.name() + " has " + what,
                () -> ask(pod, "select max(what) from t").equals(what));
    }

    @Test
    void aStandbyFeedsAnotherOneAndIsTheSourceOfItsCopies() throws Exception {
        try (TestCluster cluster = new TestCluster(
                "fast",
                List.of("bootstrapMember: demo-0"),
                Map.of(1, List.of("tags: [clonefrom=true]"), 2, List.of("tags: [replicatefrom=demo-1]")))) {
            cluster.start();
            TestPod primary = cluster.awaitWhole();
            TestPod middle = cluster.pods().get(1);
            TestPod last = cluster.pods().get(2);
            cluster.await("the last one streams from the middle one", () -> feeds(middle, last));
            assertThat(feeds(primary, last)).isFalse();
            execute(primary, "create table t as select '1' as what");
            awaitRow(cluster, last, "1");
            assertThat(last.get("/status").path("reason").asText()).contains("upstream=" + middle.name());

            assertThat(last.post("/reinitialize", "{}").statusCode()).isEqualTo(200);
            cluster.await(
                    "a copy of the middle one is made",
                    () -> last.logs().contains("reason=CLONE_REQUESTED action=Clone upstream=" + middle.name()));
            cluster.await("it streams from it again", () -> feeds(middle, last));

            middle.killEverything();
            cluster.await("the last one streams from the primary", () -> feeds(primary, last));
            execute(primary, "insert into t values ('2')");
            awaitRow(cluster, last, "2");
            middle.startSupervisor();
            middle.startAgent();
            cluster.await("it streams from the middle one again", () -> feeds(middle, last));
            cluster.await(
                    "the primary keeps no WAL for it",
                    () -> ask(
                                    primary,
                                    "select (pg_current_wal_lsn() - restart_lsn < 1e6)::text from pg_replication_slots"
                                            + " where slot_name like 'demo\\_2\\_%'")
                            .equals("true"));

            primary.killEverything();
            cluster.await(
                    "another primary",
                    () -> cluster.primary().filter(pod -> pod != primary).isPresent());
            TestPod next = cluster.awaitPrimary();
            execute(next, "insert into t values ('3')");
            primary.startSupervisor();
            primary.startAgent();
            cluster.awaitWhole();
            for (TestPod pod : cluster.pods()) {
                awaitRow(cluster, pod, "3");
            }
            cluster.await(
                    "the last one is fed by the middle one, if it does not lead",
                    () -> next == last || feeds(middle, last));
        }
    }

    @Test
    void oneMemberTakesItsWalFromTheArchiveAndAnotherOneReplaysItLate() throws Exception {
        Path archive = Unprivileged.directory("archive");
        Unprivileged.run(List.of("chmod", "0777", archive.toString()));
        try (TestCluster cluster = new TestCluster(
                "fast",
                List.of("bootstrapMember: demo-0", "cloneWalCommand: cp " + archive + "/%f %p"),
                Map.of(1, List.of("tags: [applyDelay=1h]"), 2, List.of("tags: [nostream=true, nofailover=true]")))) {
            cluster.start();
            TestPod primary = cluster.awaitPrimary();
            TestPod delayed = cluster.pods().get(1);
            TestPod archived = cluster.pods().get(2);
            cluster.await("the delayed one streams", delayed::isStreaming);
            cluster.await("the other one is up", () -> archived.everSaid("FOLLOW_ARCHIVE"));
            archiveFrom(cluster, primary, archive);
            assertThat(archived.post("/reinitialize", "{}").statusCode()).isEqualTo(200);
            cluster.await(
                    "it has a copy of which all later WAL is archived",
                    () -> ask(archived, "select (pg_last_wal_replay_lsn() is not null)::text")
                                    .equals("true")
                            && archived.logs().split("action=Clone", -1).length > 2);
            cluster.await("the delayed one streams", delayed::isStreaming);

            execute(primary, "create table t as select '1' as what");
            String end = ask(primary, "select pg_switch_wal()::text");

            awaitRow(cluster, archived, "1");
            cluster.await(
                    "all is well with it",
                    () -> archived.get("/status").path("reason").asText().startsWith("FOLLOW_ARCHIVE"));
            cluster.await("it is ready", () -> archived.status("/readyz") == 200);
            assertThat(ask(archived, "select count(*)::text from pg_stat_wal_receiver"))
                    .isEqualTo("0");
            cluster.await(
                    "nobody keeps a slot for it",
                    () -> ask(
                                    primary,
                                    "select count(*)::text from pg_replication_slots where slot_name like 'demo\\_2\\_%'")
                            .equals("0"));
            cluster.await(
                    "the delayed one has the WAL",
                    () -> ask(delayed, "select (pg_last_wal_receive_lsn() >= '" + end + "'::pg_lsn)::text")
                            .equals("true"));
            assertThat(ask(delayed, "select count(*)::text from pg_class where relname = 't'"))
                    .isEqualTo("0");
            assertThat(ask(delayed, "show recovery_min_apply_delay")).isEqualTo("1h");
            assertThat(delayed.get("/status").toString()).contains("\"applyDelay\":\"1h\"");

            primary.killEverything();
            cluster.await("the delayed one does not stand", () -> delayed.everSaid("ELECTION_NOT_A_CANDIDATE"));
            String version = delayed.get("/status").path("leaseVersion").asText();
            assertThat(delayed.post(
                                    "/failover",
                                    "{\"candidate\":\"" + delayed.name()
                                            + "\",\"accept_data_loss\":true,\"lease_version\":\"" + version + "\"}")
                            .statusCode())
                    .isEqualTo(200);
            cluster.await("it replays all it has and takes over", delayed::isPrimary);
            assertThat(ask(delayed, "select what from t")).isEqualTo("1");
        } finally {
            Unprivileged.delete(archive);
        }
    }

    private static void archiveFrom(TestCluster cluster, TestPod primary, Path archive) throws Exception {
        String wanted = "{\"postgresql\": {\"parameters\": {\"archive_mode\": \"on\", \"archive_command\": \"cp %p "
                + archive + "/%f\"}}}";
        assertThat(primary.ask("PATCH", "/config", wanted).statusCode()).isEqualTo(200);
        cluster.await(
                "the primary waits for a restart",
                () -> primary.get("/patroni").path("pending_restart_reason").has("archive_mode"));
        assertThat(primary.post("/restart", "{}").statusCode()).isEqualTo(200);
        cluster.await(
                "it archives",
                () -> primary.isPrimary() && ask(primary, "show archive_mode").equals("on"));
    }
}
