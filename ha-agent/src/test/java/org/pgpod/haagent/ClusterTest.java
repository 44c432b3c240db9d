package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.ctl.ControlClient;
import org.pgpod.haagent.ctl.RestartWish;
import org.pgpod.haagent.testing.SteadyWriter;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestKubernetes;
import org.pgpod.haagent.testing.TestPod;

/**
 * Three whole pods: real supervisors, real Postgres, agents as processes, and a Kubernetes API that locks optimistically.
 * The tests share one cluster, and each leaves it whole.
 */
class ClusterTest {
    /** How long a failover may take: the lease, the votes, the promotion, and much patience with a loaded machine. */
    private static final Duration FAILOVER_MAX = Duration.ofMinutes(1);

    private static final RestartWish ANY =
            new RestartWish(Optional.empty(), Optional.empty(), false, Optional.empty(), Optional.empty());

    // Terms of ten seconds: a machine that is busy with other things must not look like one that has died.
    private static TestCluster cluster = new TestCluster("normal", List.of("moveFromCordonedNode: true"));

    @BeforeAll
    static void start() {
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

    private List<TestPod> standbys() {
        return cluster.pods().stream().filter(pod -> pod != primary).toList();
    }

    @Test
    void whatThePrimaryWritesIsReadOnBothStandbys() throws SQLException {
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists greeting as select 'hello' as text");
        }
        for (TestPod standby : standbys()) {
            cluster.await("the table is on " + standby.name(), () -> {
                try (Connection connection = standby.connect();
                        Statement statement = connection.createStatement()) {
                    return statement.execute("select text from greeting");
                }
            });
        }
        cluster.await("the primary is labelled", () -> cluster.label(primary).equals("primary"));
        assertThat(cluster.refusedRequests()).isEmpty();
    }

    private static Set<String> namesOf(List<TestPod> pods) {
        return pods.stream().map(TestPod::name).collect(Collectors.toSet());
    }

    /** Waits until the three Services lead where they should; on the way there no writer ever finds two primaries. */
    private static void awaitServices(TestPod leader) {
        Set<String> all = namesOf(cluster.pods());
        Set<String> others =
                all.stream().filter(name -> !name.equals(leader.name())).collect(Collectors.toSet());
        cluster.await("the Services select " + leader.name() + " and the others", () -> {
            Set<String> writable = cluster.selectedBy("rw");
            assertThat(writable).hasSizeLessThanOrEqualTo(1);
            return writable.equals(Set.of(leader.name()))
                    && cluster.selectedBy("ro").equals(others)
                    && cluster.selectedBy("r").equals(all);
        });
    }

    @Test
    void lossOfThePrimaryIsSurvivedAndItComesBack() throws Exception {
        awaitServices(primary);
        Set<Long> missing;
        Duration gap;
        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 200);
            writer.takeLongestGap();
            int before = writer.count();
            primary.killEverything();
            cluster.await("rows are written again", () -> writer.count() > before + 200);
            gap = writer.takeLongestGap();
            missing = writer.missingOn(cluster.awaitPrimary());
        }
        System.out.println("failover: write gap " + gap.toMillis() + " ms, missing rows " + missing.size());
        assertThat(gap).isLessThan(FAILOVER_MAX);
        assertThat(cluster.primary()).isPresent().isNotEqualTo(Optional.of(primary));
        // The dead one cannot take its own label away: the new primary does.
        awaitServices(cluster.awaitPrimary());
        primary.startSupervisor();
        primary.startAgent();
        awaitServices(cluster.awaitWhole());
        assertThat(primary.everSaid("CLONE_FORKED")).isFalse();
        assertThat(cluster.refusedRequests()).isEmpty();
    }

    @Test
    void aPrimaryWhoseAgentHangsIsFencedBeforeAnotherOneServes() throws Exception {
        primary.signalAgent("STOP");
        try {
            cluster.await(
                    "another member is the primary", () -> standbys().stream().anyMatch(TestPod::isPrimary));
            assertThat(primary.answersSql()).isFalse();
        } finally {
            primary.signalAgent("CONT");
        }
        assertThat(cluster.awaitWhole()).isNotEqualTo(primary);
    }

    @Test
    void withoutTheApiAnAsynchronousPrimaryIsFencedAndServesAgainAfterwards() {
        assertFencedAndServingAgain(TestKubernetes.Trouble.UNAVAILABLE);
    }

    @Test
    @Tag("long")
    void anApiThatHasTooMuchToDoIsNoApiEither() {
        assertFencedAndServingAgain(TestKubernetes.Trouble.TOO_MANY_REQUESTS);
    }

    private static void assertFencedAndServingAgain(TestKubernetes.Trouble trouble) {
        cluster.kubernetes().trouble(trouble);
        cluster.await("nobody is the primary", () -> cluster.primary().isEmpty() && !anyoneWrites());
        cluster.kubernetes().trouble(TestKubernetes.Trouble.NONE);
        cluster.awaitWhole();
    }

    private static boolean anyoneWrites() {
        return cluster.pods().stream().anyMatch(TestPod::isWritable);
    }

    @Test
    void aSwitchoverLosesNothing() throws Exception {
        TestPod candidate = standbys().getFirst();
        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 100);
            writer.takeLongestGap();
            HttpResponse<String> answer = primary.post(
                    "/switchover",
                    "{\"leader\":\"" + primary.name() + "\",\"candidate\":\"" + candidate.name() + "\"}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            int before = writer.count();
            cluster.await("rows are written again", () -> writer.count() > before + 100);
            System.out.println(
                    "switchover: write gap " + writer.takeLongestGap().toMillis() + " ms");
            assertThat(writer.missingOn(candidate)).isEmpty();
        }
        assertThat(cluster.awaitWhole().name()).isEqualTo(candidate.name());
    }

    @Test
    void aPrimaryWhosePodIsDeletedHandsOverToOneThatStays() throws Exception {
        TestPod leaving = standbys().getFirst();
        TestPod staying = standbys().getLast();
        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 100);
            cluster.markDeleted(leaving, true);
            cluster.await("the standby that is deleted is no candidate", () -> hasTag(leaving, "nofailover"));
            cluster.markDeleted(primary, true);
            cluster.await("the one that stays is the primary", () -> staying.isPrimary());
            int before = writer.count();
            cluster.await("rows are written again", () -> writer.count() > before + 100);
            assertThat(writer.missingOn(staying)).isEmpty();
        }
        // The pods that come after them, under the same names.
        for (TestPod deleted : List.of(leaving, primary)) {
            cluster.markDeleted(deleted, false);
            deleted.killEverything();
            deleted.startSupervisor();
            deleted.startAgent();
        }
        cluster.awaitWhole();
        cluster.await(
                "all may be elected again", () -> cluster.pods().stream().noneMatch(pod -> hasTag(pod, "nofailover")));
    }

    private static boolean hasTag(TestPod pod, String tag) {
        try {
            for (JsonNode member : cluster.awaitPrimary().get("/cluster").path("members")) {
                if (member.path("name").asText().equals(pod.name())) {
                    return member.path("tags").path(tag).asBoolean(false);
                }
            }
            return false;
        } catch (IOException unreachable) {
            return false;
        }
    }

    @Test
    @Tag("long")
    void aPrimaryWhoseNodeIsCordonedMovesToOneThatIsNot() {
        TestPod cordoned = standbys().getFirst();
        TestPod other = standbys().getLast();
        cluster.cordon(cordoned, true);
        cluster.await("the others know of the node", () -> hasTag(cordoned, "cordoned"));
        cluster.cordon(primary, true);
        cluster.await("the primary is where nothing is cordoned", other::isPrimary);
        cluster.cordon(cordoned, false);
        cluster.cordon(primary, false);
        cluster.awaitWhole();
        cluster.await(
                "nothing is cordoned any more",
                () -> cluster.pods().stream().noneMatch(pod -> hasTag(pod, "cordoned")));
        assertThat(cluster.refusedRequests()).isEmpty();
    }

    @Test
    @Tag("long")
    void aRollingRestartRestartsEverybodyAndLosesNothing() throws Exception {
        Map<String, String> before = startTimes();
        StringWriter out = new StringWriter();
        ControlClient client = new ControlClient(
                standbys().getFirst().url(), Optional.of(primary.tokenFile()), new PrintWriter(out), Optional.empty());
        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 100);
            assertThat(client.rollingRestart(Duration.ofMinutes(3)))
                    .as(out.toString())
                    .isEqualTo(ControlClient.DONE);
            int count = writer.count();
            cluster.await("rows are written again", () -> writer.count() > count + 100);
            assertThat(writer.missingOn(cluster.awaitWhole())).isEmpty();
        }
        assertThat(cluster.awaitWhole()).isNotEqualTo(primary);
        startTimes().forEach((pod, time) -> assertThat(time).as(pod).isNotEqualTo(before.get(pod)));
        assertThat(out.toString().lines().toList().getFirst())
                .as("a standby is first")
                .doesNotContain(primary.name() + ":");
    }

    private static Map<String, String> startTimes() throws Exception {
        Map<String, String> times = new HashMap<>();
        for (TestPod pod : cluster.pods()) {
            try (Connection connection = pod.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select pg_postmaster_start_time()")) {
                row.next();
                times.put(pod.name(), row.getString(1));
            }
        }
        return times;
    }

    @Test
    @Tag("long")
    void aRollingRestartStopsWhereAMemberDoesNotComeBack() throws Exception {
        TestPod silent = standbys().getLast();
        StringWriter out = new StringWriter();
        ControlClient client = new ControlClient(
                primary.url(), Optional.of(primary.tokenFile()), new PrintWriter(out), Optional.empty());
        silent.signalAgent("STOP");
        try {
            assertThat(client.rollingRestart(Duration.ofSeconds(5))).isEqualTo(ControlClient.FAILED);
        } finally {
            silent.signalAgent("CONT");
        }
        assertThat(out.toString()).contains("Error: ").contains(silent.name());
        assertThat(cluster.awaitWhole()).as("the primary stays").isEqualTo(primary);
    }

    @Test
    void aPrimaryWhosePostgresCrashedServesAgain() throws Exception {
        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 100);
            int before = writer.count();
            primary.killPostmaster();
            cluster.await("rows are written again", () -> writer.count() > before + 100);
            assertThat(writer.missingOn(cluster.awaitWhole())).isEmpty();
        }
    }

    @Test
    void everyMemberAnswersByItsRole() throws Exception {
        TestPod standby = standbys().getFirst();
        for (String path : List.of("/", "/primary", "/leader", "/read-only", "/health", "/liveness", "/readiness")) {
            assertThat(primary.status(path)).as("primary " + path).isEqualTo(200);
        }
        for (String path :
                List.of("/replica", "/replica?lag=16MB", "/read-only", "/health", "/liveness", "/readiness")) {
            assertThat(standby.status(path)).as("standby " + path).isEqualTo(200);
        }
        for (String path : List.of("/", "/primary", "/leader")) {
            assertThat(standby.status(path)).as("standby " + path).isEqualTo(503);
        }
        assertThat(primary.status("/replica")).isEqualTo(503);
        assertThat(standby.status("/replica?lag=much")).isEqualTo(400);
        assertThat(primary.get("/patroni").path("role").asText()).isEqualTo("primary");
        assertThat(standby.get("/patroni").path("replication_state").asText()).isEqualTo("streaming");
        assertThat(standby.get("/cluster").path("members")).hasSize(3);
        cluster.await(
                "the standby knows its leader",
                () -> standby.get("/status")
                        .path("leader")
                        .path("member")
                        .asText()
                        .equals(primary.name()));
        assertThat(primary.status("/switchover")).isEqualTo(405);
    }

    @Test
    void theCommandLineShowsTheCluster() {
        Pattern leader = Pattern.compile("\\| " + primary.name() + " .*\\| Leader +\\| running");
        StringWriter out = new StringWriter();
        ControlClient client = new ControlClient(
                standbys().getFirst().url(), Optional.of(primary.tokenFile()), new PrintWriter(out), Optional.empty());
        // A standby lists the members every other second.
        cluster.await(
                "the leader is listed",
                () -> client.list() == ControlClient.DONE
                        && leader.matcher(out.toString()).find());
        assertThat(out.toString()).contains("Cluster: demo (");
        assertThat(client.restart(List.of("nobody"), ANY)).isEqualTo(ControlClient.FAILED);
        assertThat(out.toString()).contains("there is no member nobody");
        assertThat(client.restart(List.of(standbys().getLast().name()), ANY))
                .as(out.toString())
                .isEqualTo(ControlClient.DONE);
    }

    @Test
    void reinitializeClonesAStandbyAnew() throws Exception {
        TestPod standby = standbys().getLast();
        HttpResponse<String> answer = standby.post("/reinitialize", "{}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        cluster.awaitWhole();
        assertThat(primary.post("/reinitialize", "{}").statusCode()).isEqualTo(503);
    }
}
