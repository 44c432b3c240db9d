package org.pgpod.haagent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.SynchronousSettings;

/** The API is gone for a while: synchronous clusters go on by promises, asynchronous ones stop. */
class PromiseLoopTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration OUTAGE = Duration.ofMinutes(5);

    private static FakeCluster formed(SynchronousSettings.Mode mode) {
        FakeCluster cluster = FakeCluster.started(3, new SynchronousSettings(mode, false, 1));
        cluster.await("the cluster forms", cluster::settled, SOON);
        cluster.time.runFor(Duration.ofSeconds(20));
        return cluster;
    }

    private static void api(FakeCluster cluster, boolean reachable) {
        cluster.pods.forEach(pod -> pod.api.reachable = reachable);
    }

    @Test
    void aSynchronousPrimaryServesOnWhileItsVotersPromise() {
        FakeCluster cluster = formed(SynchronousSettings.Mode.QUORUM);
        assertThat(cluster.record().voters()).hasSize(2);
        cluster.longestGapMillis = 0;
        api(cluster, false);

        cluster.time.runFor(OUTAGE);
        assertThat(cluster.longestGapMillis).isLessThan(100);
        api(cluster, true);
        cluster.time.runFor(Duration.ofMinutes(1));

        assertThat(cluster.longestGapMillis).isLessThan(100);
        assertThat(cluster.api.takeOvers).hasSize(1);
        assertThat(cluster.settled()).isTrue();
    }

    @Test
    void votersThatPromisedElectNobodyThoughTheyAloneReachTheApi() {
        FakeCluster cluster = formed(SynchronousSettings.Mode.QUORUM);
        FakePod primary = cluster.primary().orElseThrow();
        cluster.longestGapMillis = 0;
        primary.api.reachable = false;

        cluster.time.runFor(OUTAGE);

        assertThat(cluster.longestGapMillis).isLessThan(100);
        assertThat(cluster.api.takeOvers).hasSize(1);
    }

    @Test
    void withoutThePromisesOfEnoughVotersThePrimaryIsFenced() {
        FakeCluster cluster = formed(SynchronousSettings.Mode.QUORUM);
        FakePod primary = cluster.primary().orElseThrow();
        cluster.othersThan(primary).forEach(pod -> pod.killAgent());
        api(cluster, false);

        cluster.time.runFor(Duration.ofSeconds(10));

        assertThat(primary.postgres.up && !primary.postgres.inRecovery).isFalse();
    }

    @Test
    void anAsynchronousPrimaryIsFencedHoweverManyAreWithIt() {
        FakeCluster cluster = formed(SynchronousSettings.Mode.OFF);
        FakePod primary = cluster.primary().orElseThrow();
        api(cluster, false);

        cluster.time.runFor(Duration.ofSeconds(10));

        assertThat(primary.postgres.up && !primary.postgres.inRecovery).isFalse();
    }
}
