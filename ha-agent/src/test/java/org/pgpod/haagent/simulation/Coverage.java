package org.pgpod.haagent.simulation;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.Reason;

/** How often each reason and each kind of action was reached, over any number of simulations. */
final class Coverage {
    private final Map<Reason.Code, LongAdder> reasons = new ConcurrentHashMap<>();
    private final Map<Class<?>, LongAdder> actions = new ConcurrentHashMap<>();

    void count(Decision decision) {
        add(reasons, decision.reason().code());
        add(actions, decision.action().getClass());
    }

    private static <K> void add(Map<K, LongAdder> counters, K key) {
        counters.computeIfAbsent(key, ignored -> new LongAdder()).increment();
    }

    Set<Reason.Code> reasons() {
        return Set.copyOf(reasons.keySet());
    }

    Set<Class<?>> actions() {
        return Set.copyOf(actions.keySet());
    }

    @Override
    public String toString() {
        return "reasons " + reasons + "\nactions " + actions;
    }
}
