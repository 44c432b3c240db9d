package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.testing.SteadyWriter;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** A primary that lost its right to write stops writing, whichever part of its pod has failed. */
@Tag("long")
class FencingClusterTest {
    private static final TestCluster CLUSTER = new TestCluster("normal", List.of("hangTimeout: 10s"));

    @BeforeAll
    static void start() {
        CLUSTER.pods().getLast().setClockAhead(Duration.ofMinutes(1));
        CLUSTER.start();
    }

    @AfterAll
    static void stop() {
        CLUSTER.close();
    }

    private TestPod primary = CLUSTER.pods().getFirst();

    @BeforeEach
    void clusterIsWhole() {
        primary = CLUSTER.awaitWhole();
    }

    private List<TestPod> standbys() {
        return CLUSTER.pods().stream().filter(pod -> pod != primary).toList();
    }

    private void awaitAnotherPrimary() {
        CLUSTER.await("another member is the primary", () -> standbys().stream().anyMatch(TestPod::isPrimary));
    }

    @Test
    void withItsSupervisorPostgresDiesAndTheTermIsNotProlonged() throws Exception {
        primary.killSupervisor();
        CLUSTER.await("Postgres is gone", () -> !primary.answersSql());
        awaitAnotherPrimary();
        primary.startSupervisor();

        assertThat(CLUSTER.awaitWhole()).isNotEqualTo(primary);
    }

    @Test
    void aPodThatWasFrozenForLongerThanItsTermWritesNothingAfterwards() throws Exception {
        try (Connection session = primary.connect();
                Statement statement = session.createStatement()) {
            statement.execute("create table if not exists frozen (id int)");
            primary.signalEverything("STOP");
            try {
                awaitAnotherPrimary();
            } finally {
                primary.signalEverything("CONT");
            }
            CLUSTER.await("it is fenced", () -> !primary.isWritable());
        }
        TestPod next = CLUSTER.awaitWhole();
        assertThat(next).isNotEqualTo(primary);
        assertThat(primary.everSaid("CLONE_FORKED")).isFalse();
    }

    @Test
    void aStandbyThatSomebodyPromotesByHandIsEndedAndMended() throws Exception {
        TestPod promoted = standbys().getFirst();
        try (SteadyWriter writer = new SteadyWriter(CLUSTER, primary)) {
            CLUSTER.await("rows are written", () -> writer.count() > 50);
            try (Connection session = promoted.connect();
                    Statement statement = session.createStatement()) {
                statement.execute("select pg_promote(false)");
            } catch (SQLException endedMeanwhile) {
                assertThat(endedMeanwhile.getSQLState()).startsWith("57");
            }
            CLUSTER.await("it does not write", () -> !promoted.isWritable() && !promoted.isStreaming());
            CLUSTER.await("it streams again", promoted::isStreaming);
            writer.stop();
            assertThat(CLUSTER.primary()).contains(primary);
            assertThat(writer.missingOn(primary)).isEmpty();
        }
        CLUSTER.awaitWhole();
    }

    @Test
    void aTwinOfThePodGetsNeitherTheVolumeNorTheLease() throws Exception {
        long epoch = primary.get("/status").path("epoch").asLong();
        try (TestPod twin = CLUSTER.twinOf(primary)) {
            twin.startSupervisor();
            twin.startAgent();
            CLUSTER.await("it decides", () -> twin.everSaid("FOLLOW_WAIT_UPSTREAM"));
            Duration lease = Duration.ofSeconds(20);
            long until = System.nanoTime() + lease.toNanos();
            CLUSTER.await("a lease goes by", () -> System.nanoTime() > until);

            assertThat(twin.isPrimary()).isFalse();
            assertThat(twin.answersSql()).isFalse();
        }
        assertThat(CLUSTER.awaitWhole()).isEqualTo(primary);
        assertThat(primary.get("/status").path("epoch").asLong()).isEqualTo(epoch);
    }

    @Test
    void whoseClockIsAheadTakesOverNoSoonerAndServesLikeAnyOther() throws Exception {
        TestPod ahead = CLUSTER.pods().getLast();
        if (ahead != primary) {
            assertThat(primary.post("/switchover", "{\"candidate\":\"" + ahead.name() + "\"}")
                            .statusCode())
                    .isEqualTo(200);
            CLUSTER.await("it is the primary", ahead::isPrimary);
        }
        ahead.killEverything();
        CLUSTER.await("another member is the primary", () -> CLUSTER.primary().isPresent());
        ahead.startSupervisor();
        ahead.startAgent();

        assertThat(CLUSTER.awaitWhole()).isNotEqualTo(ahead);
    }

    @Test
    void aPrimaryWhosePostmasterHangsIsStartedAgainAndTheSecondTimeReplaced() throws Exception {
        long epoch = primary.get("/status").path("epoch").asLong();
        try (SteadyWriter writer = new SteadyWriter(CLUSTER, primary)) {
            CLUSTER.await("rows are written", () -> writer.count() > 50);
            primary.signalPostmaster("STOP");
            CLUSTER.await("it is started again", () -> primary.everSaid("POSTGRES_HANGS") && primary.isWritable());
            assertThat(CLUSTER.awaitWhole()).isEqualTo(primary);
            assertThat(primary.get("/status").path("epoch").asLong()).isEqualTo(epoch);
            writer.stop();
            assertThat(writer.missingOn(primary)).isEmpty();

            primary.signalPostmaster("STOP");
            awaitAnotherPrimary();
            TestPod next = CLUSTER.awaitWhole();
            assertThat(next).isNotEqualTo(primary);
            assertThat(writer.missingOn(next)).isEmpty();
        }
    }

    @Test
    void aStandbyWhosePostmasterHangsIsStartedAgain() {
        TestPod standby = standbys().getFirst();
        standby.signalPostmaster("STOP");
        CLUSTER.await("it is started again", () -> standby.everSaid("POSTGRES_HANGS") && standby.answersSql());

        assertThat(CLUSTER.awaitWhole()).isEqualTo(primary);
    }
}
