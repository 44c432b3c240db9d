package org.pgpod.haagent.model;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The ConfigMap {@code <cluster>-config} as one read of the API returned it.
 *
 * @param resourceVersion what a compare-and-set must name; empty while there is no such ConfigMap
 * @param entries its keys and texts
 */
public record ConfigMapView(String resourceVersion, SortedMap<String, String> entries) {
    /** What the operator wants, YAML or JSON. */
    public static final String CONFIG = "config";

    /** The last {@link #CONFIG} that a running primary found usable; the holder of the leader Lease writes it. */
    public static final String ACCEPTED = "accepted";

    /** A switchover to come, JSON. */
    public static final String SWITCHOVER = "switchover";

    /** Restarts to come, JSON: an object with one entry for each member that has one. */
    public static final String RESTARTS = "restarts";

    /** When each timeline began and whose it was, JSON; the primary writes it. */
    public static final String HISTORY = "history";

    public static final ConfigMapView ABSENT = new ConfigMapView("", new TreeMap<>());

    public ConfigMapView {
        entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    public Optional<String> entry(String key) {
        return Optional.ofNullable(entries.get(key)).filter(text -> !text.isBlank());
    }

    /** The same with one entry replaced, or removed. */
    public ConfigMapView with(String key, Optional<String> text) {
        SortedMap<String, String> next = new TreeMap<>(entries);
        text.ifPresentOrElse(value -> next.put(key, value), () -> next.remove(key));
        return new ConfigMapView(resourceVersion, next);
    }
}
