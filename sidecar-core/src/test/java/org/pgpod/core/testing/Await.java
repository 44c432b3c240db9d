package org.pgpod.core.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition with a generous limit, so that tests never sleep for luck. */
public final class Await {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Await() {}

    /** Returns once the condition holds; fails after a minute, naming what was awaited and the last exception. */
    public static void until(String what, Callable<Boolean> condition) {
        until(what, LIMIT, condition);
    }

    public static void until(String what, Duration limit, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        Exception last = null;
        while (System.nanoTime() < deadline) {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (Exception notYet) {
                last = notYet;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new AssertionError("not within " + limit.toSeconds() + " s: " + what, last);
    }
}
