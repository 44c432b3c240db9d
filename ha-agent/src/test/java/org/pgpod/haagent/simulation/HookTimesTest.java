package org.pgpod.haagent.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.port.HookPort;

/** Hooks that do not end by themselves: what waits for them does so for a bounded time, and what is newer ends them. */
class HookTimesTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final long POLL_MILLIS = 50;

    private final List<Hook.Ended> ended = new ArrayList<>();
    private Optional<Hook.Event> hangs = Optional.empty();

    private final Cluster cluster = Cluster.started(
            Cluster.Plan.of(2)
                    .with(Mutant.named("hooks", "nothing").through((pod, ports) -> ports.with(new Hanging(pod)))),
            1);

    /** One hook at every event; those of one event end only when they are cancelled. */
    private final class Hanging implements HookPort {
        private final Pod pod;

        Hanging(Pod pod) {
            this.pod = pod;
        }

        @Override
        public List<Hook> at(Hook.Event event) {
            return List.of(new Hook(pod.name, new Hook.Work.Command(List.of("/x")), Duration.ofHours(1)));
        }

        @Override
        public Hook.Ended run(Hook.Event event, Hook hook, BooleanSupplier cancelled) {
            long began = cluster.time.nowMillis();
            boolean hung = hangs.filter(event::equals).isPresent();
            while (hung && !cancelled.getAsBoolean()) {
                cluster.time.sleep(POLL_MILLIS);
            }
            Hook.Ended end = new Hook.Ended(
                    event,
                    hook.name(),
                    hung ? Hook.Outcome.CANCELLED : Hook.Outcome.DONE,
                    "",
                    Duration.ofMillis(cluster.time.nowMillis() - began));
            ended.add(end);
            return end;
        }
    }

    private Optional<Hook.Ended> last(Pod pod, Hook.Event event) {
        return ended.stream()
                .filter(end -> end.event() == event && end.name().equals(pod.name))
                .reduce((first, second) -> second);
    }

    @Test
    void aStopWaitsTenSecondsForAHookThatHangs() {
        cluster.await("the cluster forms", cluster::settled, SOON);
        Pod primary = cluster.primary().orElseThrow();
        hangs = Optional.of(Hook.Event.BEFORE_STOP);
        ended.clear();
        primary.ask(new Request.Restart("r1"));
        cluster.await("it is stopped", () -> last(primary, Hook.Event.STOP).isPresent(), SOON);

        Hook.Ended before = last(primary, Hook.Event.BEFORE_STOP).orElseThrow();
        assertThat(before.outcome()).isEqualTo(Hook.Outcome.CANCELLED);
        assertThat(before.took()).isBetween(Duration.ofSeconds(9), Duration.ofSeconds(11));
        cluster.await("it serves again", cluster::settled, SOON);
        assertThat(cluster.primary()).contains(primary);
    }

    @Test
    void aNewerRoleEndsTheHookOfAnOlderOne() {
        hangs = Optional.of(Hook.Event.STANDBY);
        cluster.await("the cluster forms", cluster::settled, SOON);
        cluster.time.runFor(Duration.ofSeconds(30));
        Pod primary = cluster.primary().orElseThrow();
        Pod standby = cluster.othersThan(primary).getFirst();
        assertThat(last(standby, Hook.Event.STANDBY)).as("it still runs").isEmpty();

        primary.ask(new Request.Switchover("s1", Optional.of(standby.name)));
        cluster.await("the next role's", () -> last(standby, Hook.Event.PRIMARY).isPresent(), SOON);

        Hook.Ended older = last(standby, Hook.Event.STANDBY).orElseThrow();
        assertThat(older.outcome()).isEqualTo(Hook.Outcome.CANCELLED);
        assertThat(older.took()).isGreaterThan(Duration.ofSeconds(25));
        assertThat(last(standby, Hook.Event.PRIMARY).map(Hook.Ended::outcome)).contains(Hook.Outcome.DONE);
        assertThat(ended.indexOf(older))
                .isLessThan(ended.indexOf(last(standby, Hook.Event.PRIMARY).orElseThrow()));
    }
}
