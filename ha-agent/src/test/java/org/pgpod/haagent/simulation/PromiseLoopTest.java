package org.pgpod.haagent.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.SynchronousSettings;

/** The API is gone for a while: synchronous clusters go on by promises, asynchronous ones stop. */
class PromiseLoopTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration OUTAGE = Duration.ofMinutes(5);

    private static Cluster formed(SynchronousSettings.Mode mode) {
        Cluster.Plan plan = Cluster.Plan.of(3);
        Cluster cluster = Cluster.started(plan.with(plan.settings().with(new SynchronousSettings(mode, false, 1))), 1);
        cluster.await("the cluster forms", cluster::settled, SOON);
        cluster.time.runFor(Duration.ofSeconds(20));
        return cluster;
    }

    private static void api(Cluster cluster, boolean reachable) {
        cluster.pods.forEach(pod ->
                pod.trouble(reachable ? ApiClient.Trouble.NONE : ApiClient.Trouble.UNREACHABLE, OUTAGE.toMillis() * 2));
    }

    @Test
    void aSynchronousPrimaryServesOnWhileItsVotersPromise() {
        Cluster cluster = formed(SynchronousSettings.Mode.QUORUM);
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
        Cluster cluster = formed(SynchronousSettings.Mode.QUORUM);
        Pod primary = cluster.primary().orElseThrow();
        cluster.longestGapMillis = 0;
        primary.trouble(ApiClient.Trouble.UNREACHABLE, OUTAGE.toMillis() * 2);

        cluster.time.runFor(OUTAGE);

        assertThat(cluster.longestGapMillis).isLessThan(100);
        assertThat(cluster.api.takeOvers).hasSize(1);
    }

    @Test
    void withoutThePromisesOfEnoughVotersThePrimaryIsFenced() {
        Cluster cluster = formed(SynchronousSettings.Mode.QUORUM);
        Pod primary = cluster.primary().orElseThrow();
        cluster.othersThan(primary).forEach(pod -> pod.killAgent());
        api(cluster, false);

        cluster.time.runFor(Duration.ofSeconds(10));

        assertThat(primary.server().filter(Server::writable)).isEmpty();
    }

    @Test
    void aPodThatHasLostItsVolumeToTheNextOneAsksForNoPromises() {
        Cluster cluster = formed(SynchronousSettings.Mode.QUORUM);
        Pod old = cluster.primary().orElseThrow();
        old.trouble(ApiClient.Trouble.UNREACHABLE, OUTAGE.toMillis());
        old.killSupervisor();
        cluster.replace(old);

        // The next pod needs nobody's vote, for it has the last holder's volume: no promise may stand against it.
        cluster.await(
                "another primary",
                () -> cluster.primary().filter(pod -> pod != old).isPresent(),
                Duration.ofMinutes(2));

        assertThat(old.run.token.filter(token -> token.isOfPrimary(old.node.nowMillis(), old.node.bootId())
                        && old.node.nowMillis() < token.killMillis()))
                .isEmpty();
    }

    @Test
    void anAsynchronousPrimaryIsFencedHoweverManyAreWithIt() {
        Cluster cluster = formed(SynchronousSettings.Mode.OFF);
        Pod primary = cluster.primary().orElseThrow();
        api(cluster, false);

        cluster.time.runFor(Duration.ofSeconds(10));

        assertThat(primary.server().filter(Server::writable)).isEmpty();
    }
}
