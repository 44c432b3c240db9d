package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.testing.SteadyWriter;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestKubernetes;
import org.pgpod.haagent.testing.TestPod;

/** Synchronous replication in three whole pods: what was acknowledged is never lost, whoever dies. */
class SynchronousClusterTest {
    private static final Duration OUTAGE = Duration.ofSeconds(25);
    private static final TestCluster CLUSTER = new TestCluster("normal", List.of("synchronousMode: quorum"));

    @BeforeAll
    static void start() {
        CLUSTER.start();
    }

    @AfterAll
    static void stop() {
        CLUSTER.close();
    }

    private TestPod primary = CLUSTER.pods().getFirst();

    @BeforeEach
    void bothStandbysAreVoters() {
        primary = CLUSTER.awaitWhole();
        CLUSTER.await(
                "two voters",
                () -> voters(primary) == 2 && promise(primary).path("w").asInt() == 1);
    }

    private static JsonNode promise(TestPod pod) throws IOException {
        return pod.get("/status").path("synchronous");
    }

    private static int voters(TestPod pod) throws IOException {
        return promise(pod).path("voters").size();
    }

    private List<TestPod> standbys() {
        return CLUSTER.pods().stream().filter(pod -> pod != primary).toList();
    }

    @Test
    void lossOfThePrimaryLosesNothingThatWasAcknowledged() throws Exception {
        assertThat(promise(primary).path("standbyNames").asText()).startsWith("ANY 1 (\"demo-");
        try (SteadyWriter writer = new SteadyWriter(CLUSTER, primary)) {
            CLUSTER.await("rows are written", () -> writer.count() > 200);
            int before = writer.count();
            primary.killEverything();
            CLUSTER.await("rows are written again", () -> writer.count() > before + 200);
            writer.stop();
            TestPod next = CLUSTER.awaitPrimary();
            assertThat(next).isNotEqualTo(primary);
            assertThat(writer.missingOn(next)).isEmpty();
        }
        primary.startSupervisor();
        primary.startAgent();
        CLUSTER.awaitWhole();
    }

    @Test
    @Tag("long")
    void aPrimaryThatWentOnAloneIsTheOnlyOneThatMayComeBack() throws Exception {
        try (SteadyWriter writer = new SteadyWriter(CLUSTER, primary)) {
            CLUSTER.await("rows are written", () -> writer.count() > 50);
            List<TestPod> standbys = standbys();
            standbys.forEach(TestPod::killEverything);
            CLUSTER.await("it goes on without voters", () -> voters(primary) == 0);
            int before = writer.count();
            CLUSTER.await("rows are written by the primary alone", () -> writer.count() > before + 50);
            primary.killEverything();
            writer.stop();

            standbys.forEach(TestPod::startSupervisor);
            standbys.forEach(TestPod::startAgent);
            for (TestPod standby : standbys) {
                CLUSTER.await("it says what it misses", () -> standby.everSaid("BLOCKED_VOTES"));
            }
            assertThat(CLUSTER.primary()).isEmpty();

            primary.startSupervisor();
            primary.startAgent();
            CLUSTER.await("the last holder serves", () -> CLUSTER.primary().equals(Optional.of(primary)));
            assertThat(writer.missingOn(primary)).isEmpty();
        }
    }

    @Test
    @Tag("long")
    void aVoterThatIsToBeClonedAnewIsLetGoFirst() throws Exception {
        TestPod voter = standbys().getLast();
        String copy = promise(primary).path("voters").toString();
        assertThat(copy).contains(voter.name());
        assertThat(voter.post("/reinitialize", "{}").statusCode()).isIn(200, 202);
        CLUSTER.await("it is let go", () -> voter.everSaid("CLONE_REQUESTED"));
        CLUSTER.await(
                "its new copy is a voter",
                () -> voters(primary) == 2
                        && !promise(primary).path("voters").toString().equals(copy));
    }

    @Test
    @Tag("long")
    void aPersonMayAcceptTheLossAndTheOldPrimaryFollowsAfterwards() throws Exception {
        List<TestPod> standbys = standbys();
        standbys.forEach(TestPod::killEverything);
        CLUSTER.await("it goes on without voters", () -> voters(primary) == 0);
        try (Connection session = primary.connect();
                Statement statement = session.createStatement()) {
            statement.execute("create table lost as select 1 as row");
        }
        primary.killEverything();
        standbys.forEach(TestPod::startSupervisor);
        standbys.forEach(TestPod::startAgent);
        TestPod chosen = standbys.getFirst();
        CLUSTER.await("it says what it misses", () -> chosen.everSaid("BLOCKED_VOTES"));

        String version = chosen.get("/status").path("leaseVersion").asText();
        assertThat(force(chosen, "1")).isEqualTo(412);
        assertThat(force(chosen, version)).isEqualTo(200);
        CLUSTER.await("it serves", chosen::isPrimary);

        primary.startSupervisor();
        primary.startAgent();
        assertThat(CLUSTER.awaitWhole()).isEqualTo(chosen);
        CLUSTER.await("two voters", () -> voters(chosen) == 2);
    }

    private static int force(TestPod pod, String version) throws IOException {
        return pod.post(
                        "/failover",
                        "{\"candidate\":\"" + pod.name() + "\",\"accept_data_loss\":true,\"lease_version\":\"" + version
                                + "\"}")
                .statusCode();
    }

    @Test
    void anApiThatIsSilentIsOutlivedByPromises() throws Exception {
        assertOutlived(TestKubernetes.Trouble.SILENCE);
    }

    @Test
    @Tag("long")
    void anApiThatHasTooMuchToDoIsOutlivedByPromises() throws Exception {
        assertOutlived(TestKubernetes.Trouble.TOO_MANY_REQUESTS);
    }

    private void assertOutlived(TestKubernetes.Trouble trouble) throws Exception {
        try (SteadyWriter writer = new SteadyWriter(CLUSTER, primary)) {
            CLUSTER.await("rows are written", () -> writer.count() > 50);
            writer.takeLongestGap();
            CLUSTER.kubernetes().trouble(trouble);
            // Longer than anybody's term, and than the lease.
            long until = System.nanoTime() + OUTAGE.toNanos();
            CLUSTER.await("the outage lasts", () -> System.nanoTime() > until);
            CLUSTER.kubernetes().trouble(TestKubernetes.Trouble.NONE);
            assertThat(primary.isPrimary()).isTrue();
            assertThat(writer.takeLongestGap()).isLessThan(Duration.ofSeconds(10));
            CLUSTER.await("the Lease is renewed", () -> CLUSTER.primary().equals(Optional.of(primary)));
        }
        assertThat(CLUSTER.awaitWhole()).isEqualTo(primary);
    }

    @Test
    void aCrashOfPostgresLetsClientsInOnlyWhenAVoterHasEverything() throws Exception {
        try (SteadyWriter writer = new SteadyWriter(CLUSTER, primary)) {
            CLUSTER.await("rows are written", () -> writer.count() > 100);
            int before = writer.count();
            primary.killPostmaster();
            CLUSTER.await("rows are written again", () -> writer.count() > before + 100);
            writer.stop();
            assertThat(writer.missingOn(CLUSTER.awaitPrimary())).isEmpty();
        }
        CLUSTER.awaitWhole();
    }
}
