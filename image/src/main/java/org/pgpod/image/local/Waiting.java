package org.pgpod.image.local;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits for a condition, looking at it at a fixed cadence. */
public final class Waiting {
    public static final Duration STARTUP_LIMIT = Duration.ofSeconds(60);

    private static final long PAUSE_MILLIS = 50;

    private Waiting() {}

    /** A condition that may need I/O to be judged. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    /** Returns once it holds; after the limit an {@link IOException} says what was awaited. */
    public static void until(String what, Duration limit, Condition condition)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("not within " + limit.toSeconds() + " s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }
}
