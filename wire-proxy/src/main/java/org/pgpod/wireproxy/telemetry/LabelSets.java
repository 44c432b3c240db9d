package org.pgpod.wireproxy.telemetry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The series of each combination of labels, of which there is a bounded number: a value that comes when its label already
 * has {@code valuesMax} of them becomes {@link #OVERFLOW}, and so does a whole combination beyond {@link #SETS_MAX}. None
 * is ever forgotten, because a counter that starts again looks like a restart.
 */
public final class LabelSets<S> {
    public static final String OVERFLOW = "other";
    /** Combinations of labels that are told apart. */
    public static final int SETS_MAX = 500;
    /** Postgres cuts names at 63 bytes; a longer one is one that Postgres knows by less. */
    static final int VALUE_LENGTH_MAX = 63;

    private final List<Label> shown;
    private final int valuesMax;
    private final Function<List<String>, S> create;
    /** Guarded by this. */
    private final Map<Label, Set<String>> admitted = new HashMap<>();

    private final Map<List<String>, S> sets = new ConcurrentHashMap<>();

    public LabelSets(Set<Label> shown, int valuesMax, Function<List<String>, S> create) {
        this.shown = List.copyOf(shown.stream().sorted().toList());
        this.valuesMax = valuesMax;
        this.create = create;
    }

    /** The labels that are shown, in the order of their values. */
    public List<Label> shown() {
        return shown;
    }

    /** The series of a session. Call it for users whom Postgres has admitted only: others could fill the limit. */
    public synchronized S of(String database, String user, String application) {
        List<String> values = new ArrayList<>();
        for (Label label : shown) {
            values.add(bounded(
                    label,
                    switch (label) {
                        case DATABASE -> database;
                        case USER -> user;
                        case APPLICATION -> application;
                    }));
        }
        S known = sets.get(values);
        if (known != null) {
            return known;
        }
        if (sets.size() >= SETS_MAX) {
            values.replaceAll(value -> OVERFLOW);
        }
        return sets.computeIfAbsent(List.copyOf(values), create);
    }

    private String bounded(Label label, String value) {
        String cut = value.length() > VALUE_LENGTH_MAX ? value.substring(0, VALUE_LENGTH_MAX) : value;
        Set<String> values = admitted.computeIfAbsent(label, unseen -> new HashSet<>());
        if (values.contains(cut)) {
            return cut;
        }
        if (values.size() >= valuesMax) {
            return OVERFLOW;
        }
        values.add(cut);
        return cut;
    }

    /** Every combination so far, with the values of its labels. */
    public Map<List<String>, S> all() {
        return Map.copyOf(sets);
    }
}
