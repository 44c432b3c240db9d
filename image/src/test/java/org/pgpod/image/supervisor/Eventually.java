package org.pgpod.image.supervisor;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Waits for conditions; a wait that ends without its condition fails the test, and says which one. */
final class Eventually {

    /** Generous, because a loaded machine is not a failed test. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Duration POLL = Duration.ofMillis(10);

    private Eventually() {}

    /** What {@code look} finds, as soon as it finds something. */
    static <T> T find(String wanted, Callable<Optional<T>> look) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            Optional<T> found = look.call();
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + LIMIT.toSeconds() + " s: " + wanted);
            }
            // The pause between two looks at the condition; the limit above ends the wait.
            Thread.sleep(POLL);
        }
    }

    static void until(String condition, Callable<Boolean> holds) throws Exception {
        find(condition, () -> holds.call() ? Optional.of(condition) : Optional.empty());
    }
}
