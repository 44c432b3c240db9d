package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.ctl.ControlClient;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** A member of three whole pods goes for good: it is forgotten on request, its slots go everywhere, and it may come back. */
@Tag("long")
class RemovalClusterTest {
    private static TestCluster cluster = new TestCluster("fast");

    @BeforeAll
    static void start() {
        cluster.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static String remove(TestPod asked, TestPod gone) {
        StringWriter text = new StringWriter();
        int status = new ControlClient(
                        asked.url(), Optional.of(asked.tokenFile()), new PrintWriter(text, true), Optional.empty())
                .remove(gone.name());
        return status + " " + text;
    }

    private static long slots(TestPod pod, TestPod member) {
        String like = member.name().replace('-', '_') + "\\_%";
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select count(*) from pg_replication_slots where slot_name like '" + like + "'")) {
            return row.next() ? row.getLong(1) : -1;
        } catch (SQLException notNow) {
            return -1;
        }
    }

    private static long members(TestPod pod) throws Exception {
        return pod.get("/cluster").path("members").size();
    }

    @Test
    void whatAScaleInLeavesBehindGoes() throws Exception {
        TestPod primary = cluster.awaitWhole();
        TestPod gone = cluster.pods().stream()
                .filter(pod -> pod != primary)
                .findFirst()
                .orElseThrow();
        TestPod stays = cluster.pods().stream()
                .filter(pod -> pod != primary && pod != gone)
                .findFirst()
                .orElseThrow();
        cluster.await("its slots are there", () -> slots(primary, gone) == 1 && slots(stays, gone) == 1);

        assertThat(remove(stays, gone)).startsWith("1 ").contains("has shown life within the last 60 s");
        gone.killEverything();
        cluster.await(
                "it counts as gone, but for its pod", () -> remove(stays, gone).contains("the pod demo-"));
        assertThat(remove(primary, gone)).startsWith("1 ").contains("exists: scale in, or delete it, first");
        cluster.delete(gone);
        assertThat(remove(stays, gone)).startsWith("0 ").contains("the member is removed");

        for (TestPod pod : List.of(primary, stays)) {
            cluster.await(pod.name() + " lists two members", () -> members(pod) == 2);
            cluster.await("nothing is kept for it on " + pod.name(), () -> slots(pod, gone) == 0);
        }
        assertThat(primary.isPrimary()).isTrue();

        gone.startSupervisor();
        gone.startAgent();
        cluster.awaitWhole();
        cluster.await("it is a member again", () -> members(primary) == 3 && slots(stays, gone) == 1);
        assertThat(cluster.refusedRequests()).isEmpty();
    }
}
