package org.pgpod.haagent.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SynchronousSettings;

/**
 * Death at every step: a scenario is run once to count what its agents do to the world, and then once more for each of
 * these effects, with the agent or its whole pod dying right before or right after it.
 */
class EffectDeathTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration WHOLE = Duration.ofMinutes(4);
    private static final int BACK_MILLIS = 3_000;
    private static final int EFFECTS_MAX = 60;

    /** What the cluster is about when somebody dies. */
    enum Scene {
        BOOTSTRAP,
        FAILOVER,
        SWITCHOVER,
        REJOIN,
        CLONE,
        SYNCHRONOUS_SET
    }

    private static Cluster cluster(Scene scene) {
        HaAgentSettings usual = HaAgentSettings.of(LeaseTimings.Preset.FAST.timings());
        HaAgentSettings settings = scene == Scene.SYNCHRONOUS_SET
                ? usual.with(new SynchronousSettings(SynchronousSettings.Mode.ON, false, 1))
                : usual;
        return Cluster.started(Cluster.Plan.of(3).with(settings), 7);
    }

    /** Runs the scene up to its end, with effects counted from where it begins. */
    private static int play(Scene scene, Optional<Deaths.Plan> death) {
        Cluster cluster = cluster(scene);
        if (scene != Scene.BOOTSTRAP) {
            cluster.await("the cluster forms", cluster::settled, SOON);
            cluster.time.runFor(Duration.ofSeconds(12));
        }
        cluster.deaths.count(death);
        begin(scene, cluster);
        cluster.time.runFor(Duration.ofSeconds(15));
        int effects = cluster.deaths.stop();
        cluster.pods.forEach(Pod::repair);
        cluster.await("all is well after a death at " + death, cluster::settled, WHOLE);
        return effects;
    }

    private static void begin(Scene scene, Cluster cluster) {
        switch (scene) {
            case BOOTSTRAP -> {}
            case FAILOVER -> cluster.primary().orElseThrow().crash();
            case SWITCHOVER -> cluster.primary().orElseThrow().ask(new Request.Switchover("s1", Optional.empty()));
            case REJOIN -> {
                Pod old = cluster.primary().orElseThrow();
                cluster.network.isolate(old);
                cluster.time.runFor(Duration.ofMillis(500));
                old.crash();
                cluster.network.heal(old);
                cluster.later(old, 9_000, 9_000, old::comeBack);
            }
            case CLONE ->
                cluster.othersThan(cluster.primary().orElseThrow()).getFirst().ask(new Request.Reinitialize("r1"));
            case SYNCHRONOUS_SET -> {
                Pod voter = cluster.othersThan(cluster.primary().orElseThrow()).getFirst();
                voter.crash();
                cluster.later(voter, 6_000, 6_000, voter::comeBack);
            }
        }
    }

    private static void agentDies(Pod pod) {
        pod.killAgent();
        pod.cluster.later(pod, BACK_MILLIS, BACK_MILLIS, pod::restartAgent);
    }

    private static void podDies(Pod pod) {
        pod.crash();
        pod.cluster.later(pod, BACK_MILLIS, BACK_MILLIS, pod::comeBack);
    }

    @ParameterizedTest
    @EnumSource
    void noDeathAtAnyEffectDoesHarm(Scene scene) {
        int effects = Math.min(EFFECTS_MAX, play(scene, Optional.empty()));
        List<Deaths.Plan> plans = new ArrayList<>();
        List<Consumer<Pod>> blows = List.of(EffectDeathTest::agentDies, EffectDeathTest::podDies);
        for (int effect = 1; effect <= effects; effect++) {
            for (Consumer<Pod> blow : blows) {
                plans.add(new Deaths.Plan(effect, Deaths.Moment.BEFORE, blow));
                plans.add(new Deaths.Plan(effect, Deaths.Moment.AFTER, blow));
            }
        }

        List<String> failures = IntStream.range(0, plans.size())
                .parallel()
                .mapToObj(number -> failure(scene, plans.get(number)))
                .flatMap(Optional::stream)
                .toList();

        System.out.println(scene + " effects=" + effects + " runs=" + plans.size());
        assertThat(plans).hasSizeGreaterThanOrEqualTo(4 * 10);
        assertThat(failures).isEmpty();
    }

    private static Optional<String> failure(Scene scene, Deaths.Plan plan) {
        try {
            play(scene, Optional.of(plan));
            return Optional.empty();
        } catch (Violation violation) {
            return Optional.of(plan.moment() + " effect " + plan.effect() + ": " + violation.getMessage());
        }
    }
}
