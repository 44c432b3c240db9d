package org.pgpod.haagent.decide;

/** A decision function, total and deterministic; {@link Decider#decide} is the one that agents use. */
@FunctionalInterface
public interface DecisionMaker {
    Decision decide(Observation now, Memory before);
}
