package org.pgpod.haagent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.MaintenanceSettings;
import org.pgpod.haagent.model.MaintenanceWindow;
import org.pgpod.haagent.model.PreferenceSettings;
import org.pgpod.haagent.model.StorageSettings;
import org.pgpod.haagent.model.StorageTrouble;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.testing.TestSettings;

/** Failing volumes, preferred members and copies whose WAL is gone, with the real loops of three agents in memory. */
class CareTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LATER = Duration.ofMinutes(2);

    private static FakeCluster formed(StorageSettings.OnFailure policy) {
        FakeCluster cluster = FakeCluster.started(
                3, TestSettings.of(new StorageSettings(policy, Duration.ofSeconds(30)), PreferenceSettings.NONE));
        cluster.await("the cluster forms", cluster::settled, SOON);
        cluster.time.runFor(Duration.ofSeconds(10));
        return cluster;
    }

    @Test
    void aFullPrimaryIsSwitchedOverWithoutLossAndFollows() {
        FakeCluster cluster = formed(StorageSettings.OnFailure.FAILOVER);
        FakePod full = cluster.primary().orElseThrow();
        full.disk(Optional.of(StorageTrouble.FULL));

        cluster.await(
                "another primary", () -> cluster.settled() && cluster.primary().orElseThrow() != full, LATER);

        assertThat(cluster.rewinds).isEmpty();
        assertThat(cluster.api.takeOvers).hasSize(2);
        cluster.time.runFor(LATER);
        assertThat(cluster.api.takeOvers).hasSize(2);
    }

    @Test
    void aFailingOrStuckPrimaryIsReplaced() {
        for (StorageTrouble trouble : List.of(StorageTrouble.FAILING, StorageTrouble.STUCK)) {
            FakeCluster cluster = formed(StorageSettings.OnFailure.FAILOVER);
            FakePod lost = cluster.primary().orElseThrow();
            lost.disk(Optional.of(trouble));

            cluster.await("another primary, " + trouble, () -> cluster.settledWithout(List.of(lost)), LATER);

            assertThat(cluster.primary()).isPresent();
            assertThat(cluster.primary().orElseThrow()).isNotSameAs(lost);
            lost.disk(Optional.empty());
            cluster.await("all are back, " + trouble, cluster::settled, LATER);
            assertThat(cluster.api.takeOvers).hasSize(2);
        }
    }

    @Test
    void whenEveryVolumeIsFullThePrimaryStays() {
        FakeCluster cluster = formed(StorageSettings.OnFailure.FAILOVER);
        FakePod primary = cluster.primary().orElseThrow();
        cluster.pods.forEach(pod -> pod.disk(Optional.of(StorageTrouble.FULL)));

        cluster.time.runFor(LATER);

        assertThat(cluster.primary()).contains(primary);
        assertThat(cluster.api.takeOvers).hasSize(1);
    }

    @Test
    void aFencedPrimaryStaysDownAndComesBackByItself() {
        FakeCluster cluster = formed(StorageSettings.OnFailure.FENCE);
        FakePod primary = cluster.primary().orElseThrow();
        primary.disk(Optional.of(StorageTrouble.FAILING));
        cluster.await("it is stopped", () -> !primary.postgres.up, LATER);

        cluster.time.runFor(Duration.ofMinutes(10));
        assertThat(primary.postgres.up).isFalse();
        assertThat(cluster.record().phase()).isEqualTo(ClusterRecord.Phase.PRIMARY);
        assertThat(cluster.api.takeOvers).hasSize(1);

        primary.disk(Optional.empty());
        cluster.await("it serves again", cluster::settled, SOON);
        assertThat(cluster.primary()).contains(primary);
    }

    @Test
    void aStandbyWhoseWalIsGoneIsClonedAnew() {
        FakeCluster cluster = formed(StorageSettings.OnFailure.FAILOVER);
        FakePod primary = cluster.primary().orElseThrow();
        FakePod standby = cluster.othersThan(primary).getFirst();
        standby.crash();
        cluster.time.runFor(SOON);
        primary.postgres.oldestWal = primary.postgres.end;
        var copy = standby.volume.data();
        standby.comeBack();

        cluster.await("it streams again", cluster::settled, LATER);

        assertThat(standby.volume.data()).isNotEqualTo(copy);
    }

    /** The clock of the tests begins on a Thursday in 1970, soon after midnight. */
    @Test
    void aPreferredMemberWaitsForTheMaintenanceWindow() {
        HaAgentSettings settings = TestSettings.of(
                        StorageSettings.STANDARD, new PreferenceSettings(List.of(), Duration.ofSeconds(60)))
                .with(new MaintenanceSettings(
                        MaintenanceWindow.parse("Thu 01:00-02:00 UTC"),
                        MaintenanceSettings.PendingRestarts.ON_REQUEST));
        FakeCluster cluster = FakeCluster.started(3, settings);
        cluster.await("the cluster forms", cluster::settled, SOON);
        FakePod first = cluster.primary().orElseThrow();
        FakePod preferred = cluster.othersThan(first).getLast();
        preferred.killAgent();
        preferred.agent = preferred.newAgent(new Tags(Map.of("failoverPriority", "5")));
        preferred.agent.start();
        long opens = Duration.ofHours(1).toMillis();
        cluster.time.runFor(Duration.ofMillis(opens - cluster.time.nowMillis() - 1_000));
        assertThat(cluster.primary()).contains(first);

        cluster.await(
                "the preferred member is the primary",
                () -> cluster.primary().filter(preferred::equals).isPresent(),
                LATER);
        assertThat(cluster.time.nowMillis())
                .isGreaterThanOrEqualTo(opens + Duration.ofSeconds(60).toMillis());
    }

    @Test
    void aPreferredMemberGetsThePrimaryOnceAndKeepsIt() {
        FakeCluster cluster = FakeCluster.started(
                3,
                TestSettings.of(StorageSettings.STANDARD, new PreferenceSettings(List.of(), Duration.ofSeconds(60))));
        cluster.await("the cluster forms", cluster::settled, SOON);
        FakePod first = cluster.primary().orElseThrow();
        FakePod preferred = cluster.othersThan(first).getLast();
        preferred.killAgent();
        preferred.agent = preferred.newAgent(new Tags(Map.of("failoverPriority", "5")));
        preferred.agent.start();

        cluster.await(
                "the preferred member is the primary",
                () -> cluster.primary().filter(preferred::equals).isPresent(),
                LATER);
        cluster.await("all follow", cluster::settled, SOON);
        cluster.time.runFor(Duration.ofMinutes(10));

        assertThat(cluster.primary()).contains(preferred);
        assertThat(cluster.api.takeOvers).hasSize(2);
        assertThat(cluster.rewinds).isEmpty();
    }
}
