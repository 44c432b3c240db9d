package org.pgpod.haagent.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long a term of leadership lasts, step by step, counted from the moment a renewal was sent.
 *
 * @param leaseDuration how long others wait for a silent holder
 * @param renewDeadline after it no byte of a primary session reaches a client ({@code until})
 * @param stopAfter after it the supervisor stops Postgres ({@code stop}); the last moment for a renewal
 * @param killAfter after it every Postgres process is killed ({@code kill})
 * @param retryPeriod the pause between two renewals, and the time limit of each call
 * @param supervisorPoll how often the supervisor looks at the token
 */
public record LeaseTimings(
        Duration leaseDuration,
        Duration renewDeadline,
        Duration stopAfter,
        Duration killAfter,
        Duration retryPeriod,
        Duration supervisorPoll) {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final long KILL_BUDGET_MILLIS = 500;

    /** Named sets of timings. */
    public enum Preset {
        FAST,
        NORMAL,
        WIDE;

        public LeaseTimings timings() {
            return switch (this) {
                case FAST -> new LeaseTimings(seconds(6), seconds(3), seconds(4), millis(4_800), seconds(1), POLL);
                case NORMAL ->
                    new LeaseTimings(seconds(15), seconds(10), millis(11_500), seconds(13), seconds(2), POLL);
                case WIDE -> new LeaseTimings(seconds(45), seconds(30), seconds(36), seconds(41), seconds(5), POLL);
            };
        }
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }

    public LeaseTimings {
        List<String> problems =
                problems(leaseDuration, renewDeadline, stopAfter, killAfter, retryPeriod, supervisorPoll);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Everything that makes such timings unsafe, as sentences; empty when they may be used. */
    public static List<String> problems(
            Duration leaseDuration,
            Duration renewDeadline,
            Duration stopAfter,
            Duration killAfter,
            Duration retryPeriod,
            Duration supervisorPoll) {
        List<String> problems = new ArrayList<>();
        if (leaseDuration.toMillis() % 1_000 != 0) {
            problems.add("leaseDuration must be whole seconds, as a Lease stores it");
        }
        if (retryPeriod.isZero() || retryPeriod.isNegative() || supervisorPoll.isNegative()) {
            problems.add("retryPeriod must be positive");
        }
        if (retryPeriod.multipliedBy(2).compareTo(renewDeadline) > 0) {
            problems.add("renewDeadline must leave time for two tries: at least twice retryPeriod");
        }
        if (renewDeadline.compareTo(stopAfter) >= 0 || stopAfter.compareTo(killAfter) >= 0) {
            problems.add("renewDeadline, stopAfter and killAfter must rise in this order");
        }
        long gone = killAfter.toMillis() + 2 * supervisorPoll.toMillis() + KILL_BUDGET_MILLIS;
        // One part in a hundred is kept for nodes whose clocks run at different rates.
        if (gone * 100 > leaseDuration.toMillis() * 99) {
            problems.add(
                    "Postgres would be gone only after " + gone + " ms: killAfter + 2 polls + 500 ms must be at most"
                            + " 99 % of leaseDuration (" + leaseDuration.toMillis() + " ms)");
        }
        return List.copyOf(problems);
    }
}
