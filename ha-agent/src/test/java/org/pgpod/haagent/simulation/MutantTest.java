package org.pgpod.haagent.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every known bug, put in on purpose, is caught by what passes without it. */
class MutantTest {
    private static final List<Long> FIRST_SEEDS =
            LongStream.rangeClosed(1, 8).boxed().toList();

    private static final Map<String, Consumer<Mutant>> STORIES = Map.ofEntries(
            Map.entry("asymmetric-order", mutant -> Scenarios.oneStandbyLags(mutant, 1)),
            Map.entry("stale-standby", mutant -> Scenarios.theLastOneLagsTooFar(mutant, 1)),
            Map.entry("started-twice", mutant -> Scenarios.plannedSwitchover(mutant, 1)),
            Map.entry("early-rewind", mutant -> Scenarios.oldPrimaryComesBack(mutant, 2)),
            Map.entry("recruit-streams", mutant -> Scenarios.voterRestarts(mutant, 1)),
            Map.entry("renewal-from-response", mutant -> Scenarios.plannedSwitchover(mutant, 1)),
            Map.entry("fast-stop-in-fence", mutant -> Scenarios.fenceWithAFrozenStandby(mutant, 1)),
            Map.entry("timeline-not-reserved", mutant -> Scenarios.vanishesBetweenPromotionAndRecord(mutant, 1)),
            Map.entry("too-few-promises", mutant -> Scenarios.halfOfTheVotersPromise(mutant, 1)),
            Map.entry("votes-of-any-version", mutant -> Scenarios.anOldVoteStays(mutant, 1)),
            Map.entry("voter-forgotten", mutant -> Scenarios.theLastVoterIsToBeRemoved(mutant, 1)),
            Map.entry("no-boot-id", mutant -> Scenarios.aTokenOutlivesItsBoot(mutant, 1)),
            Map.entry("unproved-voters", mutant -> Scenarios.onlyTheLaggingStandbyIsLeft(mutant, 1)),
            Map.entry("restart-after-crash", mutant -> Scenarios.crashWhileCommitsWait(mutant, 1)));

    static Stream<Mutant> mutants() {
        return Mutants.all().stream();
    }

    static Stream<Mutant> mutantsWithStories() {
        return Mutants.all().stream().filter(mutant -> STORIES.containsKey(mutant.name()));
    }

    private static Consumer<Mutant> story(Mutant mutant) {
        return STORIES.getOrDefault(mutant.name(), any -> Scenarios.seeds(any, FIRST_SEEDS));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void itIsCaught(Mutant mutant) {
        assertThatThrownBy(() -> story(mutant).accept(mutant))
                .as(mutant.breaks())
                .isInstanceOf(Violation.class)
                .satisfies(caught -> System.out.println(mutant + " caught: " + caught));
    }

    @ParameterizedTest
    @MethodSource("mutantsWithStories")
    void withoutItTheSameStoryIsWell(Mutant mutant) {
        assertThatCode(() -> story(mutant).accept(Mutant.NONE)).doesNotThrowAnyException();
    }

    /** They are what all mutants without a story of their own are put through. */
    @Test
    void withoutAnyMutantTheFirstSeedsAreWell() {
        assertThatCode(() -> Scenarios.seeds(Mutant.NONE, FIRST_SEEDS)).doesNotThrowAnyException();
    }

    @Test
    void everyStoryIsThatOfAMutant() {
        assertThat(STORIES.keySet()).allMatch(name -> Mutants.named(name).isPresent());
    }
}
