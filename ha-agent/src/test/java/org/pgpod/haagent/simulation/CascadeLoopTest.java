package org.pgpod.haagent.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.Tags;

/** Standbys that stream from standbys, through the loss of each of them. */
class CascadeLoopTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final HaAgentSettings QUORUM = HaAgentSettings.of(LeaseTimings.Preset.FAST.timings())
            .with(new SynchronousSettings(SynchronousSettings.Mode.QUORUM, true, 1));

    private static Tags from(String pod) {
        return new Tags(Map.of("replicatefrom", pod));
    }

    /** Three members; the last would rather stream from the second, whoever the primary is. */
    private static Cluster cascaded(Cluster.Plan plan) {
        for (long seed = 1; ; seed++) {
            Cluster cluster = Cluster.started(plan.tagged(Map.of(2, from("demo-1"))), seed);
            cluster.await("the cluster forms", cluster::settled, SOON);
            if (cluster.primary().orElseThrow() == cluster.pod(0)) {
                cluster.await("the last one streams from the second", () -> streams(cluster, 2, 1), SOON);
                return cluster;
            }
        }
    }

    private static boolean streams(Cluster cluster, int standby, int upstream) {
        Optional<Server> source = cluster.pod(standby).server().flatMap(server -> server.source);
        return source.isPresent() && source.equals(cluster.pod(upstream).server());
    }

    @Test
    void aMemberStreamsFromTheOneThatItsTagNamesAndKeepsUp() {
        Cluster cluster = cascaded(Cluster.Plan.of(3));

        cluster.time.runFor(SOON);

        assertThat(streams(cluster, 2, 1)).isTrue();
        Server primary = cluster.pod(0).server().orElseThrow();
        Server last = cluster.pod(2).server().orElseThrow();
        assertThat(primary.data.end - last.data.end).isLessThan(10 * DataDirectory.RECORD);
    }

    @Test
    void withoutItsUpstreamItStreamsFromThePrimaryAndReturnsLater() {
        Cluster cluster = cascaded(Cluster.Plan.of(3));

        cluster.pod(1).crash();
        cluster.await("it streams from the primary", () -> streams(cluster, 2, 0), SOON);

        cluster.pod(1).comeBack();
        cluster.await("it returns", () -> streams(cluster, 2, 1), SOON.multipliedBy(6));
    }

    @Test
    void anUpstreamThatCannotBeReachedIsLeftThoughEverybodyElseFindsItWell() {
        Cluster cluster = cascaded(Cluster.Plan.of(3));
        cluster.network.cut(cluster.pod(2), cluster.pod(1));

        cluster.await("it streams from the primary", () -> streams(cluster, 2, 0), SOON);
        cluster.time.runFor(SOON);

        assertThat(streams(cluster, 2, 0)).isTrue();
    }

    @Test
    void afterATakeOverAllDeriveAnewWhomToFollow() {
        Cluster cluster = cascaded(Cluster.Plan.of(3));

        cluster.pod(0).crash();
        cluster.await("a new primary", () -> cluster.settledWithout(List.of(cluster.pod(0))), SOON);
        cluster.pod(0).comeBack();
        cluster.await("all follow", cluster::settled, SOON);
        cluster.time.runFor(Duration.ofSeconds(15));

        cluster.primary().orElseThrow().ask(new Request.Switchover("s1", Optional.of("demo-0")));
        cluster.await(
                "the first one is the primary again",
                () -> cluster.primary().filter(cluster.pod(0)::equals).isPresent(),
                SOON);
        cluster.await("the last one streams from the second again", () -> streams(cluster, 2, 1), SOON);
    }

    @Test
    void theLastOneIsElectedWhenItIsAllThatIsLeft() {
        Cluster cluster = cascaded(Cluster.Plan.of(3));
        cluster.time.runFor(Duration.ofSeconds(10));

        cluster.pod(0).crash();
        cluster.pod(1).crash();

        cluster.await(
                "it is the primary",
                () -> cluster.primary().filter(cluster.pod(2)::equals).isPresent(),
                SOON);
        cluster.pod(0).comeBack();
        cluster.pod(1).comeBack();
        cluster.await("all follow", cluster::settled, SOON);
    }

    @Test
    void itIsNoVoterAlsoWhileItStreamsFromThePrimaryItself() {
        Cluster cluster = cascaded(Cluster.Plan.of(3).with(QUORUM));
        cluster.await("the second one is the voter", () -> votes(cluster, "demo-1"), SOON);
        assertThat(votes(cluster, "demo-2")).isFalse();

        cluster.pod(1).crash();
        cluster.await("the last one streams from the primary", () -> streams(cluster, 2, 0), SOON);
        cluster.time.runFor(SOON);

        assertThat(votes(cluster, "demo-2")).isFalse();
        cluster.pod(1).comeBack();
        cluster.await("all is well", cluster::settled, SOON);
    }

    private static boolean votes(Cluster cluster, String pod) {
        return cluster.record().voters().stream().map(MemberName::pod).anyMatch(pod::equals);
    }

    @Test
    void aCopyIsMadeOfTheStandbyThatOffersItself() {
        Cluster cluster = Cluster.started(
                Cluster.Plan.of(3)
                        .tagged(Map.of(
                                1, new Tags(Map.of("clonefrom", "true")), 2, new Tags(Map.of("clonefrom", "true")))),
                1);
        cluster.await("the cluster forms", cluster::settled, SOON);
        cluster.time.runFor(Duration.ofSeconds(10));
        Pod primary = cluster.primary().orElseThrow();
        Pod standby = cluster.othersThan(primary).getFirst();
        Pod source = cluster.othersThan(primary).getLast();
        cluster.network.cut(standby, primary);

        standby.ask(new Request.Reinitialize("r1"));

        cluster.await("the copy is made", () -> standby.volume.dataOld.isPresent(), SOON);
        assertThat(source.tags.isCloneSource()).isTrue();
        cluster.network.heal(standby);
        cluster.await("it streams", cluster::settled, SOON);
    }

    @Test
    void aDelayedMemberIsNeitherElectedNorWaitedFor() {
        Cluster cluster =
                Cluster.started(Cluster.Plan.of(3).tagged(Map.of(2, new Tags(Map.of("applyDelay", "1h")))), 2);
        cluster.await("the cluster forms", cluster::settled, SOON);
        Pod first = cluster.primary().orElseThrow();
        Pod delayed = cluster.pod(2);
        assertThat(first).isNotEqualTo(delayed);
        Pod other = cluster.othersThan(first).stream()
                .filter(pod -> pod != delayed)
                .findFirst()
                .orElseThrow();
        cluster.time.runFor(Duration.ofSeconds(10));
        delayed.pauseReplay(true);

        first.crash();
        cluster.await(
                "the other one takes over",
                () -> cluster.primary().filter(other::equals).isPresent(),
                SOON);
        cluster.time.runFor(Duration.ofSeconds(10));
        other.crash();
        cluster.time.runFor(SOON);

        assertThat(cluster.holder().filter(delayed::equals)).isEmpty();
        first.comeBack();
        other.comeBack();
        delayed.pauseReplay(false);
        cluster.await("all follow", cluster::settled, SOON.multipliedBy(2));
    }
}
