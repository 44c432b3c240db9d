package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** Slots on three whole pods: they are on every member, survive the primary, and go with the member they are for. */
@Tag("long")
class SlotClusterTest {
    private static TestCluster cluster = new TestCluster("normal");

    @BeforeAll
    static void start() {
        cluster.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static String one(TestPod pod, String sql) {
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        } catch (SQLException notNow) {
            return "";
        }
    }

    private static String archive(TestPod pod) {
        return one(pod, "select restart_lsn from pg_replication_slots where slot_name = 'archive'");
    }

    private static long slotsOf(TestPod pod, TestPod member) {
        String count = one(
                pod,
                "select count(*) from pg_replication_slots where slot_name like '"
                        + member.name().replace('-', '_') + "\\_%'");
        return count.isEmpty() ? -1 : Long.parseLong(count);
    }

    @Test
    void aPermanentSlotKeepsItsPlaceThroughAFailoverAndAMembersSlotGoesWithIt() throws Exception {
        TestPod primary = cluster.awaitWhole();
        List<TestPod> others =
                cluster.pods().stream().filter(pod -> pod != primary).toList();
        cluster.edit("config", "{member_slots_ttl: 20s, slots: {archive: {type: physical}}}");
        for (TestPod pod : cluster.pods()) {
            cluster.await("the slot is on " + pod.name(), () -> !archive(pod).isEmpty());
        }
        one(primary, "select pg_switch_wal()");
        String place =
                one(primary, "select end_lsn from pg_replication_slot_advance('archive', pg_current_wal_flush_lsn())");
        for (TestPod standby : others) {
            cluster.await(
                    "it moves on " + standby.name(), () -> archive(standby).equals(place));
            for (TestPod member : cluster.pods()) {
                long wanted = member == standby ? 0 : 1;
                cluster.await(
                        standby.name() + " keeps WAL for " + member.name(), () -> slotsOf(standby, member) == wanted);
            }
        }
        one(primary, "create table later as select generate_series(1, 1000)");

        primary.killEverything();
        cluster.await("another primary", () -> others.stream().anyMatch(TestPod::isPrimary));
        TestPod next = others.stream().filter(TestPod::isPrimary).findFirst().orElseThrow();

        assertThat(archive(next)).isEqualTo(place);
        assertThat(one(next, "select wal_status from pg_replication_slots where slot_name = 'archive'"))
                .isEqualTo("reserved");
        assertThat(Lsn.parse(one(next, "select pg_current_wal_lsn()"))).isGreaterThan(Lsn.parse(place));
        for (TestPod pod : others) {
            cluster.await("nothing is kept for it on " + pod.name(), () -> slotsOf(pod, primary) == 0);
        }

        primary.startSupervisor();
        primary.startAgent();
        cluster.awaitWhole();
        cluster.await("it has its slot again", () -> slotsOf(cluster.awaitPrimary(), primary) == 1);
        cluster.await("and keeps the permanent one", () -> !archive(primary).isEmpty());
    }
}
