package org.pgpod.haagent.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    private static final String NO_LOAD_BALANCE = "noloadbalance";
    private static final String CLONE_FROM = "clonefrom";
    private static final String NO_STREAM = "nostream";
    private static final String REPLICATE_FROM = "replicatefrom";
    private static final String CORDONED = "cordoned";
    private static final Set<String> FLAGS =
            Set.of(NO_FAILOVER, NO_SYNC, NO_LOAD_BALANCE, CLONE_FROM, NO_STREAM, CORDONED);
    private static final int PRIORITY_MAX = 1_000_000;

    public Tags {
        values = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** What is wrong with tags that an operator gave, as sentences; empty when they may be used. */
    public static List<String> problems(Map<String, String> wanted) {
        List<String> problems = new ArrayList<>();
        new TreeMap<>(wanted).forEach((name, value) -> {
            if (FLAGS.contains(name) && !Set.of("true", "false").contains(value)) {
                problems.add("haAgent.tags: " + name + " is '" + value + "'; it must be true or false");
            } else if (name.equals(PRIORITY) && !isPriority(value)) {
                problems.add("haAgent.tags: " + name + " is '" + value + "'; it must be a whole number from 0 to "
                        + PRIORITY_MAX);
            } else if (name.equals(REPLICATE_FROM) && !value.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")) {
                problems.add("haAgent.tags: " + name + " is '" + value + "'; it must be the name of a pod");
            }
        });
        boolean excluded = "true".equals(wanted.get(NO_FAILOVER));
        if (excluded && isPriority(wanted.getOrDefault(PRIORITY, "")) && !"0".equals(wanted.get(PRIORITY))) {
            problems.add("haAgent.tags: " + NO_FAILOVER + "=true contradicts " + PRIORITY + "=" + wanted.get(PRIORITY)
                    + "; leave one out");
        }
        return List.copyOf(problems);
    }

    private static boolean isPriority(String value) {
        return value.matches("[0-9]{1,7}") && Integer.parseInt(value) <= PRIORITY_MAX;
    }

    private boolean flag(String name) {
        return "true".equals(values.get(name));
    }

    /** Whether the member must never become the primary by itself; priority 0 says the same. */
    public boolean excludesFailover() {
        return flag(NO_FAILOVER) || failoverPriority() <= 0;
    }

    /** The same with {@code nofailover}. */
    public Tags excludedFromFailover() {
        return with(NO_FAILOVER);
    }

    /** The same with {@code cordoned}. */
    public Tags onCordonedNode() {
        return with(CORDONED);
    }

    private Tags with(String name) {
        Map<String, String> more = new TreeMap<>(values);
        more.put(name, "true");
        return new Tags(more);
    }

    /** Whether the member's node is cordoned, and the member knows it. */
    public boolean isCordoned() {
        return flag(CORDONED);
    }

    /** Whether load balancers are to leave the member out. */
    public boolean excludesLoadBalancing() {
        return flag(NO_LOAD_BALANCE);
    }

    /** Whether others would rather be cloned from this member than from the primary. */
    public boolean isCloneSource() {
        return flag(CLONE_FROM);
    }

    /** Whether the member is to fetch WAL from an archive only. */
    public boolean excludesStreaming() {
        return flag(NO_STREAM);
    }

    /** The pod that the member would rather stream from than from the primary. */
    public Optional<String> replicatesFrom() {
        return Optional.ofNullable(values.get(REPLICATE_FROM));
    }

    /** Whether the member must never confirm synchronous commits: one that cannot be elected could not vote either. */
    public boolean excludesSynchronous() {
        return flag(NO_SYNC) || excludesFailover();
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
