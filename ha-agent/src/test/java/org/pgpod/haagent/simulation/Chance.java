package org.pgpod.haagent.simulation;

import java.util.List;
import java.util.SplittableRandom;

/** Everything that is left to chance in one simulation, all of it from one seed. */
final class Chance {
    private final SplittableRandom random;

    Chance(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** A number from 0 to {@code most}. */
    int upTo(int most) {
        return random.nextInt(most + 1);
    }

    /** A number from {@code least} to {@code most}. */
    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    boolean oneIn(int number) {
        return random.nextInt(number) == 0;
    }

    <T> T of(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** A number from {@code least} to below {@code most}. */
    double ratio(double least, double most) {
        return random.nextDouble(least, most);
    }
}
