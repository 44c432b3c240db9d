package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.haagent.act.DatabaseWriter;
import org.pgpod.haagent.client.PostgresSession;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** A cluster of three whole pods that follows a server of another one, and is promoted in the end. */
@Tag("long")
class StandbyClusterPodsTest {
    private static final String SLOT = "west";

    private static TestCluster cluster = new TestCluster("fast");
    private static PostgresServer remote = PostgresServer.start();

    @BeforeAll
    static void start() {
        Path credentials = cluster.pods().getFirst().credentials();
        String password = TestPod.PASSWORD;
        remote.execute("alter role postgres password '" + password + "'");
        try (PostgresSession superuser = new PostgresSession(
                "127.0.0.1", remote.port(), "postgres", new Credential(credentials.resolve("postgres")))) {
            assertThat(new DatabaseWriter(superuser, superuser, credentials).ensureRoles(Duration.ofSeconds(10)))
                    .isInstanceOf(Effect.Changed.class);
        }
        remote.hba("""
                local all all trust
                host all postgres 127.0.0.1/32 trust
                host replication pgpod_replication 127.0.0.1/32 scram-sha-256
                """);
        remote.reload();
        remote.execute("select pg_create_physical_replication_slot('" + SLOT + "', true)");
        remote.execute("create table notes as select 1 as id");
        cluster.edit("config", following());
        cluster.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
        remote.close();
    }

    private static String following() {
        return "standby_cluster: {host: 127.0.0.1, port: " + remote.port() + ", sslmode: disable, primary_slot_name: "
                + SLOT + "}";
    }

    private static long rows(TestPod pod) {
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from notes")) {
            return row.next() ? row.getLong(1) : 0;
        } catch (SQLException notYet) {
            return 0;
        }
    }

    private static boolean dropsSlot() {
        try {
            remote.execute("select pg_terminate_backend(active_pid, 1000) from pg_replication_slots where slot_name = '"
                    + SLOT + "'; select pg_drop_replication_slot('" + SLOT + "')");
            return true;
        } catch (IllegalStateException streamsAgain) {
            return false;
        }
    }

    private static boolean leads(TestPod pod) {
        try {
            return pod.status("/standby-leader") == 200;
        } catch (IOException notThere) {
            return false;
        }
    }

    private static TestPod awaitLeader() {
        cluster.await(
                "one leader, and all stream",
                () -> cluster.pods().stream()
                                        .filter(StandbyClusterPodsTest::leads)
                                        .count()
                                == 1
                        && cluster.pods().stream().allMatch(TestPod::isStreaming));
        return cluster.pods().stream()
                .filter(StandbyClusterPodsTest::leads)
                .findFirst()
                .orElseThrow();
    }

    private static void awaitRows(List<TestPod> pods, long number) {
        for (TestPod pod : pods) {
            cluster.await(number + " rows on " + pod.name(), () -> rows(pod) == number);
        }
    }

    @Test
    void itFollowsThroughTheLossOfItsLeaderAndIsPromotedOnce() throws Exception {
        TestPod first = awaitLeader();
        awaitRows(cluster.pods(), 1);
        assertNobodyWrites();
        assertThat(cluster.selectedBy("rw")).isEmpty();

        first.killEverything();
        List<TestPod> others =
                cluster.pods().stream().filter(pod -> pod != first).toList();
        cluster.await("another leader", () -> others.stream().anyMatch(StandbyClusterPodsTest::leads));
        remote.execute("insert into notes values (2)");
        awaitRows(others, 2);

        first.startSupervisor();
        first.startAgent();
        TestPod second = awaitLeader();
        assertThat(second).isNotEqualTo(first);
        awaitRows(cluster.pods(), 2);
        assertNobodyWrites();
        assertThat(cluster.pods()).noneMatch(TestPod::isWritable);

        // A slot that is taken away is said to be missing, and found again when it is there.
        cluster.await("nobody is quicker than the drop", StandbyClusterPodsTest::dropsSlot);
        cluster.await(
                "it says so",
                () -> second.get("/status").path("reason").asText().contains("slot=west missing"));
        remote.execute("select pg_create_physical_replication_slot('" + SLOT + "', true)");
        awaitLeader();

        cluster.edit("config", "{}");
        TestPod primary = cluster.awaitWhole();
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("insert into notes values (3)");
        }
        awaitRows(cluster.pods(), 3);
        assertThat(primary.get("/patroni").path("timeline").asInt()).isEqualTo(2);
        cluster.await("writers find it", () -> cluster.selectedBy("rw").contains(primary.name()));

        // The other cluster has gone its own way: the primary stays what it is, and says why.
        remote.execute("insert into notes values (4)");
        cluster.edit("config", following());
        cluster.await(
                "it refuses",
                () -> primary.get("/status").path("reason").asText().startsWith("STANDBY_REFUSED"));
        assertThat(primary.isPrimary()).isTrue();
        assertThat(primary.isWritable()).isTrue();
    }

    private static void assertNobodyWrites() throws IOException {
        for (TestPod pod : cluster.pods()) {
            assertThat(pod.status("/primary")).as(pod.name()).isEqualTo(503);
            assertThat(pod.everSaid("LEAD_PROMOTE")).as(pod.name()).isFalse();
        }
    }
}
