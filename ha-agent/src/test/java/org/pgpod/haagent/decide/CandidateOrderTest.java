package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Lsn;

/** The laws of the order of candidates, on random ones; a failure names the seed. */
class CandidateOrderTest {
    private static final int ROUNDS = 20_000;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private Candidate any() {
        // Few different values, so that ties are common.
        return new Candidate(
                "demo-" + random.nextInt(4),
                Optional.empty(),
                random.nextInt(3),
                new Lsn(random.nextInt(3) == 0 ? -1L - random.nextInt(2) : random.nextInt(3)),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextInt(3),
                random.nextInt(3));
    }

    private static int compare(Candidate one, Candidate other) {
        return Integer.signum(Candidate.BEST_FIRST.compare(one, other));
    }

    @Test
    void anyTwoCandidatesAreOrderedOneWay() {
        for (int round = 0; round < ROUNDS; round++) {
            Candidate one = any();
            Candidate other = any();
            assertThat(compare(one, other)).as("seed " + seed).isEqualTo(-compare(other, one));
        }
    }

    @Test
    void onlyEqualCandidatesOfOnePodTie() {
        for (int round = 0; round < ROUNDS; round++) {
            Candidate one = any();
            Candidate other = any();
            assertThat(compare(one, other) == 0).as("seed " + seed).isEqualTo(one.equals(other));
        }
    }

    @Test
    void theOrderIsTransitive() {
        for (int round = 0; round < ROUNDS; round++) {
            Candidate one = any();
            Candidate two = any();
            Candidate three = any();
            if (compare(one, two) <= 0 && compare(two, three) <= 0) {
                assertThat(compare(one, three)).as("seed " + seed).isLessThanOrEqualTo(0);
            }
        }
    }

    @Test
    void allMembersComeToTheSameOrder() {
        for (int round = 0; round < ROUNDS / 10; round++) {
            List<Candidate> one = new ArrayList<>(List.of(any(), any(), any(), any(), any()));
            List<Candidate> other = new ArrayList<>(one);
            Collections.shuffle(other, random);
            one.sort(Candidate.BEST_FIRST);
            other.sort(Candidate.BEST_FIRST);
            assertThat(one).as("seed " + seed).isEqualTo(other);
        }
    }

    @Test
    void noPreferenceOutweighsWal() {
        for (int round = 0; round < ROUNDS; round++) {
            Candidate one = any();
            Candidate other = any();
            if (one.failed() == other.failed() && Candidate.ADVANCE.compare(one, other) > 0) {
                assertThat(compare(one, other)).as("seed " + seed).isNegative();
            }
        }
    }
}
