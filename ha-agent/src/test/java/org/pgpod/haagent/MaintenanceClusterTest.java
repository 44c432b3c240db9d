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
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** Three whole pods in their maintenance window apply parameters by themselves: standbys first, the primary by a switchover. */
@Tag("long")
class MaintenanceClusterTest {
    private static TestCluster cluster = new TestCluster(
            "fast",
            List.of(
                    "pendingRestarts: in-window",
                    "maintenanceWindow: daily 00:00-24:00 UTC",
                    "postgresMemory: 512MiB",
                    "postgresCpus: 2"));

    @BeforeAll
    static void start() {
        cluster.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static String shown(TestPod pod, String parameter) {
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show " + parameter)) {
            return row.next() ? row.getString(1) : "";
        } catch (SQLException notNow) {
            return "";
        }
    }

    private static boolean isApplied(TestPod pod) {
        return shown(pod, "max_connections").equals("140")
                && shown(pod, "max_files_per_process").equals("900");
    }

    @Test
    void parametersAreAppliedOneMemberAfterTheOther() {
        TestPod first = cluster.awaitWhole();
        for (TestPod pod : cluster.pods()) {
            assertThat(shown(pod, "effective_cache_size"))
                    .as("of the container's limit")
                    .isEqualTo("256MB");
            assertThat(shown(pod, "max_connections")).isEqualTo("51");
            assertThat(shown(pod, "max_parallel_workers")).isEqualTo("2");
            assertThat(shown(pod, "shared_buffers")).as("the pod's own").isEqualTo("16MB");
        }
        cluster.edit("config", "{postgresql: {parameters: {max_connections: 140, max_files_per_process: 900}}}");
        List<TestPod> standbys =
                cluster.pods().stream().filter(pod -> pod != first).toList();
        for (TestPod standby : standbys) {
            cluster.await(standby.name() + " is restarted", () -> isApplied(standby));
            assertThat(isApplied(first)).as("the primary comes last").isFalse();
        }
        cluster.await("the primary has moved", () -> standbys.stream().anyMatch(TestPod::isPrimary));
        cluster.awaitWhole();
        cluster.await("all are restarted", () -> cluster.pods().stream().allMatch(MaintenanceClusterTest::isApplied));
        assertThat(cluster.awaitWhole()).isNotSameAs(first);
    }
}
