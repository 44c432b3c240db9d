package org.pgpod.haagent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;

/** When hooks run, with every agent but Postgres real. */
class HooksLoopTest {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration QUIET = Duration.ofSeconds(30);

    private final List<String> seen = new ArrayList<>();
    private FakeCluster cluster = new FakeCluster(2, HaAgentSettings.of(LeaseTimings.Preset.FAST.timings()));

    @BeforeEach
    void clusterIsSettled() {
        cluster.pods.forEach(pod -> {
            pod.hookAtEveryEvent(seen);
            pod.restartAgent();
        });
        cluster.await("settled", cluster::settled, LIMIT);
        // Long enough for everybody to have heard of everybody.
        cluster.time.runUntil(() -> false, QUIET);
    }

    private FakePod primary() {
        return cluster.primary().orElseThrow();
    }

    @Test
    void aServerStartsBeforeItHasARole() {
        FakePod standby = cluster.othersThan(primary()).getFirst();
        assertThat(seen)
                .containsSubsequence("START " + primary().name, "PRIMARY " + primary().name)
                .containsSubsequence("START " + standby.name, "STANDBY " + standby.name)
                .hasSize(4);
    }

    @Test
    void aFailingHookBeforeAPromotionEndsTheAttempt() {
        FakePod primary = primary();
        FakePod standby = cluster.othersThan(primary).getFirst();
        seen.clear();
        standby.failingHooks.add(Hook.Event.BEFORE_PROMOTE);
        int takeOvers = cluster.api.takeOvers.size();
        assertThat(primary.agent.requests().submit(new Request.Switchover("asked", Optional.of(standby.name))))
                .isTrue();
        cluster.await("it was asked", () -> seen.contains("BEFORE_PROMOTE " + standby.name), LIMIT);
        cluster.await("settled again", cluster::settled, LIMIT);
        cluster.time.runUntil(() -> false, QUIET);

        assertThat(cluster.primary()).contains(primary);
        assertThat(cluster.api.takeOvers)
                .as("one term was given away, one opened")
                .hasSize(takeOvers + 2);
        assertThat(seen)
                .containsOnlyOnce("BEFORE_PROMOTE " + standby.name, "BEFORE_PROMOTE " + primary.name)
                .doesNotContain("PRIMARY " + standby.name);
        assertThat(standby.agent.hooks().count(Hook.Event.BEFORE_PROMOTE, Hook.Outcome.FAILED))
                .isEqualTo(1);
        assertThat(cluster.api.events).anyMatch(event -> event.startsWith("HookFailed hook event=beforePromote"));
    }

    @Test
    void anAgentThatFindsAServerRunningRepeatsNothing() {
        seen.clear();
        cluster.pods.forEach(FakePod::restartAgent);
        cluster.time.runUntil(() -> false, QUIET);
        assertThat(cluster.settled()).isTrue();
        assertThat(seen).isEmpty();
    }

    @Test
    void aRestartThatWasAskedForWaitsForItsHooks() {
        seen.clear();
        FakePod primary = primary();
        assertThat(primary.agent.requests().submit(new Request.Restart("asked")))
                .isTrue();
        cluster.await(
                "it is done",
                () -> primary.agent
                        .requests()
                        .answerTo("asked")
                        .filter(RequestAnswer.Done.class::isInstance)
                        .isPresent(),
                LIMIT);
        cluster.await("settled again", cluster::settled, LIMIT);
        cluster.time.runUntil(() -> false, QUIET);
        assertThat(seen)
                .filteredOn(event -> event.endsWith(primary.name))
                .containsExactly("BEFORE_STOP " + primary.name, "STOP " + primary.name, "START " + primary.name);
    }

    @Test
    void aSwitchoverChangesTheRolesOfBoth() {
        seen.clear();
        FakePod primary = primary();
        FakePod standby = cluster.othersThan(primary).getFirst();
        assertThat(primary.agent.requests().submit(new Request.Switchover("asked", Optional.of(standby.name))))
                .isTrue();
        cluster.await(
                "the other is the primary",
                () -> cluster.primary().filter(standby::equals).isPresent(),
                LIMIT);
        cluster.await("settled again", cluster::settled, LIMIT);
        cluster.time.runUntil(() -> false, QUIET);
        assertThat(seen)
                .containsSubsequence(
                        "BEFORE_STOP " + primary.name,
                        "STOP " + primary.name,
                        "START " + primary.name,
                        "STANDBY " + primary.name)
                .containsOnlyOnce("PRIMARY " + standby.name, "BEFORE_STOP " + primary.name);
        assertThat(standby.agent.hooks().count(Hook.Event.PRIMARY, Hook.Outcome.DONE))
                .isEqualTo(1);
        assertThat(cluster.api.events).anyMatch(event -> event.startsWith("HookDone hook event=primary name=note"));
    }
}
