package org.pgpod.haagent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.PlannedRestart;
import org.pgpod.haagent.model.RestartTerms;

/** Restarts that were planned, with every agent but Postgres real. */
class PlannedRestartLoopTest {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private FakeCluster cluster = FakeCluster.started(2);

    @BeforeEach
    void clusterIsSettled() {
        cluster.await("settled", cluster::settled, LIMIT);
    }

    private FakePod standby() {
        return cluster.othersThan(cluster.primary().orElseThrow()).getFirst();
    }

    private void plan(FakePod pod, Duration in, Optional<RestartTerms.Role> role) {
        PlannedRestart plan = new PlannedRestart(
                Instant.ofEpochMilli(cluster.time.nowMillis()).plus(in),
                new RestartTerms(role, Optional.empty(), false, Optional.empty()));
        assertThat(cluster.configMap.write(
                        PlannedRestart.put(cluster.configMap.view(), pod.name, Optional.of(plan)), LIMIT))
                .isInstanceOf(org.pgpod.haagent.model.port.ConfigMapPort.Write.Stored.class);
    }

    private boolean planned(FakePod pod) {
        return PlannedRestart.text(cluster.configMap.view(), pod.name).isPresent();
    }

    @Test
    void aRestartOfTheAgentDoesNotLoseThePlan() {
        FakePod standby = standby();
        long before = standby.postmaster();
        plan(standby, Duration.ofSeconds(40), Optional.of(RestartTerms.Role.REPLICA));
        long due = cluster.time.nowMillis() + Duration.ofSeconds(40).toMillis();
        standby.restartAgent();
        cluster.await("another postmaster", () -> standby.postmaster() > before, LIMIT);
        assertThat(cluster.time.nowMillis()).isGreaterThanOrEqualTo(due);
        assertThat(planned(standby)).isFalse();
        cluster.await("settled again", cluster::settled, LIMIT);
        long after = standby.postmaster();
        cluster.time.runUntil(() -> false, Duration.ofSeconds(30));
        assertThat(standby.postmaster()).isEqualTo(after);
    }

    @Test
    void thePrimaryIsRestartedWithoutAnElection() {
        FakePod primary = cluster.primary().orElseThrow();
        long before = primary.postmaster();
        plan(primary, Duration.ofSeconds(5), Optional.empty());
        cluster.await("another postmaster", () -> primary.postmaster() > before, LIMIT);
        cluster.await("settled again", cluster::settled, LIMIT);
        assertThat(cluster.primary()).contains(primary);
    }

    @Test
    void whatIsNotToBeDoneIsDroppedAndTold() {
        FakePod standby = standby();
        long before = standby.postmaster();
        plan(standby, Duration.ofSeconds(2), Optional.of(RestartTerms.Role.PRIMARY));
        cluster.await("it was looked at", () -> !planned(standby), LIMIT);
        cluster.await(
                "it is told", () -> cluster.api.events.contains("RestartDropped this member is no primary"), LIMIT);
        plan(standby, Duration.ofSeconds(-90), Optional.empty());
        cluster.await("it was looked at", () -> !planned(standby), LIMIT);
        cluster.time.runUntil(() -> false, Duration.ofSeconds(10));
        assertThat(cluster.api.events).anyMatch(event -> event.startsWith("RestartDropped its time"));
        assertThat(standby.postmaster()).isEqualTo(before);
    }
}
