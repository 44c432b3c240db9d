package org.pgpod.haagent.model;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the files in {@code run/conf} hold besides the managed part and what this pod alone is configured with.
 *
 * @param parameters of the whole cluster; those of the pod win over them
 * @param sensitive what the parameters that standbys depend on are for now, whatever is wanted of them
 * @param slots parameters that keep logical slots alive; they win over those of people
 */
public record ServerConfiguration(
        SortedMap<String, String> parameters,
        List<String> hba,
        List<String> ident,
        SensitiveValues sensitive,
        SortedMap<String, String> slots) {
    /** Nothing but the managed part and the pod's own. */
    public static final ServerConfiguration NONE =
            new ServerConfiguration(new TreeMap<>(), List.of(), List.of(), SensitiveValues.UNKNOWN, new TreeMap<>());

    public ServerConfiguration {
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        slots = Collections.unmodifiableSortedMap(new TreeMap<>(slots));
        hba = List.copyOf(hba);
        ident = List.copyOf(ident);
    }

    public static ServerConfiguration of(
            DynamicConfiguration wanted, SensitiveValues sensitive, SortedMap<String, String> slots) {
        return new ServerConfiguration(wanted.parameters(), wanted.hba(), wanted.ident(), sensitive, slots);
    }
}
