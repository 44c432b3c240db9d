package org.pgpod.haagent.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    private static final String APPLY_DELAY = "applyDelay";
    private static final Set<String> FLAGS =
            Set.of(NO_FAILOVER, NO_SYNC, NO_LOAD_BALANCE, CLONE_FROM, NO_STREAM, CORDONED);
    private static final int PRIORITY_MAX = 1_000_000;
    private static final Pattern DELAY = Pattern.compile("([0-9]{1,7})(s|min|h|d)");

    private static final Map<String, Duration> UNITS = Map.of(
            "s", Duration.ofSeconds(1),
            "min", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    /** Postgres counts the delay in milliseconds, in 31 bits. */
    private static final Duration DELAY_MAX = Duration.ofDays(20);

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
            } else if (name.equals(APPLY_DELAY) && delay(value).isEmpty()) {
                problems.add("haAgent.tags: " + name + " is '" + value
                        + "'; it must be a whole number with a unit (s, min, h, d), from 1s to " + DELAY_MAX.toDays()
                        + "d");
            }
        });
        contradiction(wanted, NO_STREAM, REPLICATE_FROM).ifPresent(problems::add);
        contradiction(wanted, NO_STREAM, CLONE_FROM).ifPresent(problems::add);
        contradiction(wanted, CLONE_FROM, APPLY_DELAY).ifPresent(problems::add);
        boolean excluded = "true".equals(wanted.get(NO_FAILOVER));
        if (excluded && isPriority(wanted.getOrDefault(PRIORITY, "")) && !"0".equals(wanted.get(PRIORITY))) {
            problems.add("haAgent.tags: " + NO_FAILOVER + "=true contradicts " + PRIORITY + "=" + wanted.get(PRIORITY)
                    + "; leave one out");
        }
        return List.copyOf(problems);
    }

    /** A flag that is set, and another tag with it that it leaves no room for. */
    private static Optional<String> contradiction(Map<String, String> wanted, String flag, String other) {
        Optional<String> value = Optional.ofNullable(wanted.get(other)).filter(text -> !text.equals("false"));
        return value.filter(ignored -> "true".equals(wanted.get(flag)))
                .map(text -> "haAgent.tags: " + flag + "=true contradicts " + other + "=" + text + "; leave one out");
    }

    private static Optional<Duration> delay(String text) {
        Matcher matcher = DELAY.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Duration unit = UNITS.getOrDefault(matcher.group(2), Duration.ZERO);
        Duration delay = unit.multipliedBy(Long.parseLong(matcher.group(1)));
        return delay.isPositive() && delay.compareTo(DELAY_MAX) <= 0 ? Optional.of(delay) : Optional.empty();
    }

    private static boolean isPriority(String value) {
        return value.matches("[0-9]{1,7}") && Integer.parseInt(value) <= PRIORITY_MAX;
    }

    private boolean flag(String name) {
        return "true".equals(values.get(name));
    }

    /** Whether the member must never become the primary by itself; priority 0 and a delay say the same. */
    public boolean excludesFailover() {
        return excludesForcedFailover() || applyDelay().isPresent();
    }

    /** Whether it must not even when a person says so: a delayed member may, it has all WAL and only to replay it. */
    public boolean excludesForcedFailover() {
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

    /** How long the member waits before it replays what others have committed. */
    public Optional<Duration> applyDelay() {
        return Optional.ofNullable(values.get(APPLY_DELAY)).flatMap(Tags::delay);
    }

    /** The pod that the member would rather stream from than from the primary. */
    public Optional<String> replicatesFrom() {
        return Optional.ofNullable(values.get(REPLICATE_FROM));
    }

    /**
     * Whether the member must never confirm synchronous commits: one that cannot be elected could not vote either, and the
     * primary sees nothing of one that streams from another, or not at all.
     */
    public boolean excludesSynchronous() {
        return flag(NO_SYNC)
                || excludesFailover()
                || excludesStreaming()
                || replicatesFrom().isPresent();
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
