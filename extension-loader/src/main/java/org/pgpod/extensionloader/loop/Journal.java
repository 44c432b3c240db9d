package org.pgpod.extensionloader.loop;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The state of everything this loader deals with, by subject. Each change is logged once; the same again is not. */
final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int SUBJECTS_MAX = 1_000;

    private volatile Map<String, String> states = Map.of();

    /** How a change is logged. */
    enum Weight {
        NEWS,
        TROUBLE
    }

    void note(String subject, String state, Weight weight) {
        if (state.equals(states.get(subject)) || (states.size() >= SUBJECTS_MAX && !states.containsKey(subject))) {
            return;
        }
        Map<String, String> next = new TreeMap<>(states);
        next.put(subject, state);
        states = Map.copyOf(next);
        if (weight == Weight.TROUBLE) {
            LOG.warn("changed subject={} state={}", subject, state);
        } else {
            LOG.info("changed subject={} state={}", subject, state);
        }
    }

    /** Forgets what begins with {@code prefix} and is not in {@code keep}. */
    void forgetOthers(String prefix, Set<String> keep) {
        Map<String, String> next = new TreeMap<>(states);
        next.keySet().removeIf(subject -> subject.startsWith(prefix) && !keep.contains(subject));
        if (next.size() != states.size()) {
            states = Map.copyOf(next);
        }
    }

    Map<String, String> states() {
        return states;
    }
}
