package org.pgpod.exporter.model;

import java.time.Duration;
import java.util.Optional;

/**
 * What is known of one collector: its last good result with its time, and how its runs ended.
 *
 * @param good the last good result, if one is still worth showing
 * @param goodAtMillis when the last good result was asked for; the age counts from here
 * @param triedAtMillis when the last run began
 * @param failure why the last run failed; empty when it was good
 */
public record FamilyState(
        Optional<Collected> good,
        long goodAtMillis,
        long triedAtMillis,
        Optional<String> failure,
        long runs,
        long failures,
        long duplicateRows,
        long droppedSeries,
        long skippedItems) {
    public static final FamilyState UNTRIED =
            new FamilyState(Optional.empty(), 0, Long.MIN_VALUE / 2, Optional.empty(), 0, 0, 0, 0, 0);

    /** A family that stopped succeeding is shown this long beyond its time to live, as Prometheus itself looks back. */
    public static final Duration STALE_AFTER = Duration.ofMinutes(5);

    /** A collector that failed is left alone for a while, so that its timeouts do not become a load. */
    public static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    public FamilyState succeeded(Collected result, long startedAtMillis) {
        return new FamilyState(
                Optional.of(result),
                startedAtMillis,
                startedAtMillis,
                Optional.empty(),
                runs + 1,
                failures,
                duplicateRows + result.duplicateRows(),
                droppedSeries + result.droppedSeries(),
                skippedItems + result.skippedItems());
    }

    public FamilyState failed(String reason, long startedAtMillis) {
        return new FamilyState(
                good,
                goodAtMillis,
                startedAtMillis,
                Optional.of(reason),
                runs + 1,
                failures + 1,
                duplicateRows,
                droppedSeries,
                skippedItems);
    }

    /** Its counters without its result, which described a server that is gone. */
    public FamilyState forgotten() {
        return new FamilyState(
                Optional.empty(),
                0,
                UNTRIED.triedAtMillis,
                failure,
                runs,
                failures,
                duplicateRows,
                droppedSeries,
                skippedItems);
    }

    /** Whether it is time to run it again. */
    public boolean dueAt(long nowMillis, Duration ttl) {
        Duration wait = failure.isPresent() && ttl.compareTo(RETRY_AFTER) < 0 ? RETRY_AFTER : ttl;
        // Scrapes come a little early or late: a result that is as good as old enough is renewed, or its age would
        // double.
        return nowMillis - triedAtMillis >= wait.toMillis() * 19 / 20;
    }

    /** The result, unless it is too old to be shown. */
    public Optional<Collected> shownAt(long nowMillis, Duration ttl) {
        return good.filter(
                result -> nowMillis - goodAtMillis <= ttl.plus(STALE_AFTER).toMillis());
    }
}
