package org.pgpod.haagent.simulation;

import java.util.List;
import java.util.stream.Collectors;

/** How a failure is told: what broke, and the one command that shows it again. */
final class Replays {
    private static final int SHOWN = 10;

    private Replays() {}

    static String describe(List<Simulation.Outcome> failed) {
        return failed.stream()
                .limit(SHOWN)
                .map(outcome -> "seed " + outcome.seed() + ": "
                        + outcome.failure().orElse("").lines().findFirst().orElse("") + "\n  replay it with: "
                        + command(outcome.seed(), Mutant.NONE))
                .collect(Collectors.joining("\n", failed.size() + " seeds failed\n", "\n"));
    }

    /** The mutant that {@code -Dpgpod.mutant} names, or the agent as it is. */
    static Mutant mutant() {
        String name = System.getProperty("pgpod.mutant", Mutant.NONE.name());
        return name.equals(Mutant.NONE.name())
                ? Mutant.NONE
                : Mutants.named(name)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "pgpod.mutant is '" + name + "'; there are " + Mutants.all()));
    }

    /** Runs one seed again and prints what happened, line by line. */
    static void tell(long seed, Mutant mutant) {
        Simulation.Outcome outcome = Simulation.replay(seed, mutant);
        outcome.story().forEach(System.out::println);
        outcome.failure().ifPresent(failure -> {
            throw new Violation(failure);
        });
    }

    static String command(long seed, Mutant mutant) {
        return "./pgpod test --seed " + seed + (mutant.equals(Mutant.NONE) ? "" : " --mutant " + mutant.name());
    }
}
