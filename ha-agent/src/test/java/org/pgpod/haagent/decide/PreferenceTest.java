package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.PreferenceSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.StorageSettings;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.testing.TestSettings;

/** When the primary is handed to a better placed member, and when it stays. */
class PreferenceTest {
    private static final Duration DELAY = Duration.ofSeconds(60);
    private static final Lsn AHEAD = Lsn.parse("0/5000001");

    private static Given primary(List<String> zones, Duration delay) {
        Given given = new Given()
                .mine()
                .changed(0, json -> json.put("state", "streaming"))
                .changed(2, json -> json.put("state", "streaming"));
        given.settings = TestSettings.of(StorageSettings.STANDARD, new PreferenceSettings(zones, delay));
        return given;
    }

    private static Given steadyFor(Given given, String pod, Duration time) {
        given.memory = given.memory
                .change()
                .watch(given.memory.watch().withPreferred(Optional.of(pod), Given.NOW - time.toMillis()))
                .build();
        return given;
    }

    private static Optional<String> handover(Given given) {
        return given.decide().memory().handover().map(Memory.Handover::candidate);
    }

    @Test
    void aMemberOfHigherPriorityGetsThePrimaryOnceItHasBeenSteady() {
        Given given = primary(List.of(), DELAY).tagged(2, Map.of("failoverPriority", "2"));
        Decision first = given.decide();
        assertThat(first.action()).isEqualTo(new Action.Nothing());
        assertThat(first.memory().watch().preferred()).contains("demo-2");
        assertThat(first.memory().watch().preferredMillis()).isEqualTo(Given.NOW);

        assertThat(handover(steadyFor(given, "demo-2", DELAY.minusMillis(1)))).isEmpty();
        assertThat(handover(steadyFor(given, "demo-2", DELAY))).contains("demo-2");
    }

    @Test
    void withoutADelayThePrimaryStays() {
        Given given = primary(List.of("b"), Duration.ZERO)
                .tagged(2, Map.of("failoverPriority", "2"))
                .changed(0, json -> json.put("zone", "b"));

        assertThat(given.decide().memory().watch().preferred()).isEmpty();
        assertThat(handover(given)).isEmpty();
    }

    @Test
    void aBetterZoneCountsAmongEqualPriorities() {
        Given given = primary(List.of("a", "z"), DELAY).changed(0, json -> json.put("zone", "a"));
        assertThat(given.decide().memory().watch().preferred()).contains("demo-0");

        assertThat(primary(List.of("z", "a"), DELAY)
                        .changed(0, json -> json.put("zone", "a"))
                        .decide()
                        .memory()
                        .watch()
                        .preferred())
                .isEmpty();

        given.tags = new Tags(Map.of("failoverPriority", "2"));
        assertThat(given.decide().memory().watch().preferred()).isEmpty();
    }

    @Test
    void whoLagsIsExcludedOrUnwellIsNotSteady() {
        Map<String, String> better = Map.of("failoverPriority", "2");
        assertThat(List.of(
                        primary(List.of(), DELAY).tagged(2, better).changed(2, json -> json.put("state", "running")),
                        primary(List.of(), DELAY).tagged(2, better).changed(2, json -> json.put("storage", "full")),
                        primary(List.of(), DELAY).tagged(2, better).changed(2, json -> json.put("data", "000000ff")),
                        primary(List.of(), DELAY).tagged(2, Map.of("failoverPriority", "2", "nofailover", "true")),
                        primary(List.of(), DELAY).tagged(2, better).record(next -> next.failed(List.of("demo-2"))),
                        primary(List.of(), DELAY).tagged(2, better).silent(2)))
                .allSatisfy(given ->
                        assertThat(given.decide().memory().watch().preferred()).isEmpty());
    }

    @Test
    void neitherAPausedClusterNorOneThatIsAskedForSomethingElseIsMoved() {
        Map<String, String> better = Map.of("failoverPriority", "2");
        Given paused = steadyFor(primary(List.of(), DELAY).tagged(2, better), "demo-2", DELAY)
                .record(next -> next.pause(true));
        assertThat(handover(paused)).isEmpty();

        Given asked = steadyFor(primary(List.of(), DELAY).tagged(2, better), "demo-2", DELAY)
                .asked(new Request.Restart("r"));
        assertThat(handover(asked)).isEmpty();
    }

    @Test
    void anInterruptionBeginsTheTimeAnew() {
        Given given = steadyFor(primary(List.of(), DELAY), "demo-2", DELAY);

        Decision decision = given.decide();

        assertThat(decision.memory().handover()).isEmpty();
        assertThat(decision.memory().watch().preferred()).isEmpty();
    }

    @Test
    void anAttemptIsCountedOnceAndTheNextOneWaitsTwiceAsLong() {
        Given given = steadyFor(primary(List.of(), DELAY).tagged(2, Map.of("failoverPriority", "2")), "demo-2", DELAY);
        given.memory = given.decide().memory();
        given.memory = given.decide().memory();
        given.memory = given.decide().memory();
        assertThat(given.memory.watch().attempts()).isEqualTo(1);
        assertThat(given.memory.watch().attemptMillis()).isEqualTo(Given.NOW);
        assertThat(given.memory.watch().preferred()).isEmpty();

        given.memory = given.memory.change().noHandover().build();
        assertThat(given.decide().memory().watch().preferred()).isEmpty();
    }

    @Test
    void pausesDoubleUpToALimit() {
        assertThat(Preference.pause(1)).isEqualTo(Preference.PAUSE_LEAST);
        assertThat(Preference.pause(2)).isEqualTo(Preference.PAUSE_LEAST.multipliedBy(2));
        assertThat(Preference.pause(100)).isEqualTo(Preference.PAUSE_MOST);
    }

    @Test
    void zonesDecideAmongCandidatesThatPriorityDoesNotTellApart() {
        Comparator<Candidate> order = Candidate.BEST_FIRST;
        Candidate near = new Candidate("demo-2", Optional.empty(), 1, Given.END, false, false, 1, 1);
        Candidate far = new Candidate("demo-1", Optional.empty(), 1, Given.END, false, false, 1, 2);
        assertThat(order.compare(near, far)).isNegative();
        assertThat(order.compare(near, new Candidate("demo-1", Optional.empty(), 1, Given.END, false, false, 2, 2)))
                .isPositive();
        assertThat(order.compare(near, new Candidate("demo-1", Optional.empty(), 1, AHEAD, false, false, 1, 2)))
                .isPositive();
    }

    @Test
    void aPreferredZoneComesBeforeTheZoneOfTheLastHolder() {
        Given given = new Given()
                .expired()
                .voted(Given.END, Duration.ofSeconds(60))
                .voteOf(2, Given.END)
                .changed(2, json -> json.put("zone", "b"));
        assertThat(given.decide().reason().detail()).startsWith("rank=0");

        given.settings =
                TestSettings.of(StorageSettings.STANDARD, new PreferenceSettings(List.of("b", "z"), Duration.ZERO));
        assertThat(given.decide().reason().detail()).startsWith("rank=1");
    }

    @Test
    void whoTakesAReleasedLeaseOverGoesByTheZoneToo() {
        Given given = new Given().released(Given.END, Optional.empty()).changed(2, json -> json.put("zone", "b"));
        given.changedMillis = Given.NOW;
        given.silent(0);
        assertThat(given.decide().action()).isInstanceOf(Action.TakeOver.class);

        given.settings = TestSettings.of(StorageSettings.STANDARD, new PreferenceSettings(List.of("b"), Duration.ZERO));
        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
    }
}
