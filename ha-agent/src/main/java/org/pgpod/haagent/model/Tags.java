package org.pgpod.haagent.model;

import java.util.Map;
import java.util.TreeMap;

/**
 * What people say of a member: Patroni's tag names, kept as text so that unknown ones pass through.
 *
 * @param values tag name to value, in the order of names
 */
public record Tags(Map<String, String> values) {
    /** No tags: the member is like any other. */
    public static final Tags NONE = new Tags(Map.of());

    private static final String NO_FAILOVER = "nofailover";
    private static final String NO_SYNC = "nosync";
    private static final String PRIORITY = "failoverPriority";

    public Tags {
        values = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** Whether the member must never become the primary by itself; priority 0 says the same. */
    public boolean excludesFailover() {
        return "true".equals(values.get(NO_FAILOVER)) || failoverPriority() <= 0;
    }

    /** Whether the member must never confirm synchronous commits: one that cannot be elected could not vote either. */
    public boolean excludesSynchronous() {
        return "true".equals(values.get(NO_SYNC)) || excludesFailover();
    }

    /** Higher is preferred among members that are equally advanced; 1 unless it is set to a number. */
    public int failoverPriority() {
        String text = values.getOrDefault(PRIORITY, "1");
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException notANumber) {
            return 1;
        }
    }
}
