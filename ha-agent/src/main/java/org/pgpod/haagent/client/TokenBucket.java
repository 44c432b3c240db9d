package org.pgpod.haagent.client;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A limit on how often something happens: {@code burst} times at once, {@code perSecond} times a second in the long run,
 * and not at all for as long as it was told to pause. Takers are served in the order in which they came.
 */
public final class TokenBucket {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final int burst;
    private final LongSupplier nanoTime;

    // Guarded by this: below zero when takers wait for tokens that they already own.
    private double tokens;
    private long countedNanos;
    private long pausedUntilNanos;

    /**
     * @param perSecond how many tokens come back in a second; more than 0
     * @param burst how many there are at most; at least 1
     * @param nanoTime a clock that never goes back, in nanoseconds
     */
    public TokenBucket(double perSecond, int burst, LongSupplier nanoTime) {
        if (!(perSecond > 0) || burst < 1) {
            throw new IllegalArgumentException("a limit of " + perSecond + " a second, " + burst + " at once");
        }
        this.perSecond = perSecond;
        this.burst = burst;
        this.nanoTime = nanoTime;
        this.tokens = burst;
        this.countedNanos = nanoTime.getAsLong();
        this.pausedUntilNanos = countedNanos;
    }

    /** Takes a token that is there now; false if there is none. */
    public boolean tryTake() {
        return take(Duration.ZERO).isPresent();
    }

    /** Takes a token and says after which time it may be used; empty, with nothing taken, if that is more than {@code most}. */
    public synchronized Optional<Duration> take(Duration most) {
        long now = nanoTime.getAsLong();
        tokens = Math.min(burst, tokens + (now - countedNanos) / NANOS_PER_SECOND * perSecond);
        countedNanos = now;
        double missing = Math.max(0, 1 - tokens);
        long waitNanos = Math.max((long) Math.ceil(missing / perSecond * NANOS_PER_SECOND), pausedUntilNanos - now);
        if (waitNanos > most.toNanos()) {
            return Optional.empty();
        }
        tokens -= 1;
        return Optional.of(Duration.ofNanos(Math.max(0, waitNanos)));
    }

    /** From now on nothing is handed out before {@code duration} has passed. */
    public synchronized void pause(Duration duration) {
        pausedUntilNanos = Math.max(pausedUntilNanos, nanoTime.getAsLong() + duration.toNanos());
    }
}
