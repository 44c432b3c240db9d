package org.pgpod.extensionloader.loop;

import java.time.Duration;
import java.time.Instant;

/**
 * When something that failed may be tried again: after {@code least}, twice as long each time, at most {@code most}.
 *
 * @param failures in a row
 * @param notBefore the next try
 */
record Backoff(Duration least, Duration most, int failures, Instant notBefore) {
    private static final int DOUBLINGS_MAX = 20;

    static Backoff none(Duration least, Duration most) {
        return new Backoff(least, most, 0, Instant.MIN);
    }

    boolean allows(Instant now) {
        return !now.isBefore(notBefore);
    }

    Backoff afterFailure(Instant now) {
        Duration wait = least.multipliedBy(1L << Math.min(failures, DOUBLINGS_MAX));
        return new Backoff(least, most, failures + 1, now.plus(wait.compareTo(most) < 0 ? wait : most));
    }

    Backoff reset() {
        return none(least, most);
    }
}
