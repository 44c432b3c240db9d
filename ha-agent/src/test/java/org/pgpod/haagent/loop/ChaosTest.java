package org.pgpod.haagent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.Request;

/**
 * Random faults under fixed seeds: never two primaries (the cluster checks it at every step), epochs that only rise, one
 * timeline for each epoch, and a whole cluster again once the faults end.
 */
class ChaosTest {
    private static final int FAULTS = 25;
    private static final Duration CALM = Duration.ofMinutes(5);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void aClusterSurvivesRandomFaultsAndConverges(long seed) {
        Random random = new Random(seed);
        FakeCluster cluster = FakeCluster.started(3);
        cluster.await("the cluster forms, seed " + seed, cluster::settled, Duration.ofSeconds(30));
        cluster.time.runFor(Duration.ofSeconds(10));
        Epoch last = Epoch.NONE;
        for (int fault = 0; fault < FAULTS; fault++) {
            strike(cluster, random, fault);
            cluster.time.runFor(Duration.ofMillis(random.nextInt(12_000)));
            Epoch now = cluster.record().epoch();
            assertThat(now).as("seed " + seed).isGreaterThanOrEqualTo(last);
            last = now;
        }
        cluster.pods.forEach(FakePod::repair);

        cluster.await("all is well again, seed " + seed, cluster::settled, CALM);

        assertThat(cluster.api.takeOvers).as("seed " + seed).doesNotHaveDuplicates();
        assertThat(cluster.record().history().entries())
                .as("seed " + seed)
                .extracting(entry -> entry.timeline())
                .doesNotHaveDuplicates();
    }

    private static void strike(FakeCluster cluster, Random random, int number) {
        FakePod pod = cluster.pod(random.nextInt(cluster.pods.size()));
        switch (random.nextInt(11)) {
            case 0 -> pod.crash();
            case 1 -> pod.api.reachable = false;
            case 2 -> pod.killAgent();
            case 3 -> pod.postgres.crash();
            case 4 -> cluster.api.mishap = FakeApi.Mishap.ANSWER_LOST;
            case 5 -> cluster.api.mishap = FakeApi.Mishap.REFUSED;
            case 6 -> cluster.api.annotateLeader();
            case 7, 8 -> pod.agent.requests().submit(new Request.Switchover("s" + number, Optional.empty()));
            default -> pod.repair();
        }
    }
}
