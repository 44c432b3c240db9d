package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.testing.LoopDisk;
import org.pgpod.haagent.testing.SteadyWriter;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** Three whole pods, each on a disk of its own that is filled or frozen, and WAL that is gone. */
class StorageClusterTest {
    /** Room for one more WAL segment, so that Postgres goes on. */
    private static final int LITTLE_MEBIBYTES = 28;

    private static final int NEXT_TO_NOTHING_MEBIBYTES = 1;

    private static TestCluster cluster = new TestCluster("normal", List.of("storageTimeout: 10s"));

    @BeforeAll
    static void start() {
        assumeThat(LoopDisk.isPossible(cluster.directory()))
                .as("loop devices and fsfreeze")
                .isTrue();
        cluster.pods().forEach(TestPod::useOwnDisk);
        cluster.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private TestPod primary = cluster.pods().getFirst();

    @BeforeEach
    void clusterIsWhole() {
        primary = cluster.awaitWhole();
    }

    private static void execute(TestPod pod, String... statements) throws SQLException {
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private TestPod standby() {
        return cluster.pods().stream().filter(pod -> pod != primary).findFirst().orElseThrow();
    }

    private void awaitAnotherPrimary() {
        cluster.await(
                "another member is the primary",
                () -> cluster.pods().stream().anyMatch(pod -> pod != primary && pod.isPrimary()));
    }

    @Test
    void aPrimaryWithLittleRoomLeftIsSwitchedOverAndNothingIsLost() throws Exception {
        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 100);
            writer.takeLongestGap();
            primary.disk().fillUpTo(LITTLE_MEBIBYTES);
            awaitAnotherPrimary();
            awaitRows(writer, "full disk");
            assertThat(writer.missingOn(cluster.primary().orElseThrow())).isEmpty();
            assertThat(storageState()).isEqualTo("full");
        } finally {
            primary.disk().makeRoom();
        }
        cluster.awaitWhole();
        cluster.await("it is well again", () -> storageState().equals("healthy"));
        assertThat(primary.everSaid("SWITCHOVER_RELEASE")).isTrue();
        assertThat(primary.everSaid("CLONE_FORKED")).isFalse();
    }

    @Test
    @Tag("long")
    void aPrimaryThatDiedForWantOfRoomIsReplacedAndComesBack() throws Exception {
        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 100);
            writer.takeLongestGap();
            primary.disk().fillUpTo(NEXT_TO_NOTHING_MEBIBYTES);
            awaitAnotherPrimary();
            awaitRows(writer, "no space");
        } finally {
            primary.disk().makeRoom();
        }
        cluster.awaitWhole();
    }

    private String storageState() throws IOException {
        return primary.get("/status").path("storage").path("state").asText();
    }

    private static void awaitRows(SteadyWriter writer, String after) {
        int before = writer.count();
        cluster.await("rows are written again", () -> writer.count() > before + 100);
        System.out.println(after + ": write gap " + writer.takeLongestGap().toMillis() + " ms");
    }

    @Test
    void aPrimaryWhoseDiskHangsIsReplacedAndComesBack() throws Exception {
        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 100);
            writer.takeLongestGap();
            primary.disk().freeze();
            try {
                awaitAnotherPrimary();
                awaitRows(writer, "hung disk");
                assertThat(primary.isPrimary()).isFalse();
            } finally {
                primary.disk().thaw();
            }
        }
        cluster.awaitWhole();
        assertThat(primary.everSaid("STORAGE_STUCK")).isTrue();
    }

    @Test
    void aStandbyWhoseWalIsGoneIsClonedAnew() throws Exception {
        TestPod standby = standby();
        standby.killEverything();
        execute(
                primary,
                "alter system set wal_keep_size = 0",
                "alter system set max_slot_wal_keep_size = '16MB'",
                "select pg_reload_conf()",
                "create table if not exists filler (text text)");
        for (int segment = 0; segment < 6; segment++) {
            execute(primary, "insert into filler values ('x')", "select pg_switch_wal()", "checkpoint");
        }

        standby.startSupervisor();
        standby.startAgent();

        cluster.await("it is cloned", () -> standby.everSaid("CLONE_WAL_GONE"));
        cluster.awaitWhole();
        execute(primary, "alter system reset all", "select pg_reload_conf()", "drop table filler");
    }
}
