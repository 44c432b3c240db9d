package org.pgpod.wireproxy.session;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds what the texts of statements take in memory, all sessions together. Only the slow log and traces need texts; a
 * statement whose text found no room is reported without one.
 */
public final class TextBudget {
    public static final long BYTES_MAX = 8L * 1_048_576;
    /** What an object around a text takes, about. */
    private static final int OVERHEAD_BYTES = 128;

    private final AtomicLong bytes = new AtomicLong();
    private final LongAdder refused = new LongAdder();

    /** Takes room for a text of this length; {@link #leave} must follow when it was there. */
    boolean take(int textBytes) {
        if (bytes.addAndGet((long) textBytes + OVERHEAD_BYTES) <= BYTES_MAX) {
            return true;
        }
        leave(textBytes);
        refused.increment();
        return false;
    }

    void leave(int textBytes) {
        bytes.addAndGet(-(long) textBytes - OVERHEAD_BYTES);
    }

    /** Bytes that are taken now. */
    public long bytes() {
        return bytes.get();
    }

    /** How often a text found no room. */
    public LongAdder refused() {
        return refused;
    }
}
