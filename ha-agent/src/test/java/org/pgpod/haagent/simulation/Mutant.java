package org.pgpod.haagent.simulation;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.Observation;
import org.pgpod.haagent.loop.Ports;

/**
 * The agent, or what surrounds it, broken on purpose in one way: a check that lets it pass checks nothing.
 *
 * @param breaks the rule that it breaks, in one sentence
 * @param seen what it makes of an observation before the real decision is made
 * @param decided what it makes of a decision; the first argument is the observation
 * @param ports what it makes of the agent's ports
 * @param habits how its supervisor misbehaves
 */
record Mutant(
        String name,
        String breaks,
        UnaryOperator<Observation> seen,
        DecisionChange decided,
        PortsChange ports,
        Set<Habit> habits) {

    /** Something the supervisor or Postgres must not do. */
    enum Habit {
        ARCHIVES_THE_TAIL,
        KILLS_ONLY_THE_POSTMASTER,
        NO_VOLUME_LOCK,
        RESTARTS_AFTER_CRASH,
        STARTS_TWICE,
        STARTS_WITHOUT_TOKEN,
        STOPS_FAST_IN_FENCE,
        TRUSTS_TOKENS_OF_OTHER_BOOTS
    }

    /** Changes a decision. */
    interface DecisionChange {
        Decision apply(Observation now, Decision decision);
    }

    /** Changes the ports of an agent. */
    interface PortsChange {
        Ports apply(Pod pod, Ports ports);
    }

    /** The agent as it is. */
    static final Mutant NONE = new Mutant("none", "nothing");

    private Mutant(String name, String breaks) {
        this(name, breaks, now -> now, (now, decision) -> decision, (pod, ports) -> ports, Set.of());
    }

    Mutant {
        habits = Set.copyOf(habits);
    }

    static Mutant named(String name, String breaks) {
        return new Mutant(name, breaks);
    }

    Mutant seeing(UnaryOperator<Observation> change) {
        return new Mutant(name, breaks, change, decided, ports, habits);
    }

    Mutant deciding(DecisionChange change) {
        return new Mutant(name, breaks, seen, change, ports, habits);
    }

    Mutant through(PortsChange change) {
        return new Mutant(name, breaks, seen, decided, change, habits);
    }

    Mutant with(Habit habit) {
        return new Mutant(name, breaks, seen, decided, ports, EnumSet.of(habit));
    }

    boolean has(Habit habit) {
        return habits.contains(habit);
    }

    @Override
    public String toString() {
        return name;
    }
}
