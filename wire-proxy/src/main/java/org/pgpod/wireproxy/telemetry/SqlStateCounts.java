package org.pgpod.wireproxy.telemetry;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.pgpod.wireproxy.protocol.SqlState;

/**
 * Errors by SQLSTATE, for at most {@link #STATES_MAX} different ones; those that come later share the label
 * {@link #OVERFLOW}, because extensions and functions may raise any SQLSTATE they like.
 */
public final class SqlStateCounts {
    public static final int STATES_MAX = 100;
    public static final String OVERFLOW = "other";

    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
    private final LongAdder overflow = new LongAdder();
    private volatile BiConsumer<String, LongAdder> added = (sqlState, count) -> {};

    /** Hands every counter, those that exist and those to come, to {@code register}. */
    public synchronized void onAdded(BiConsumer<String, LongAdder> register) {
        added = register;
        register.accept(OVERFLOW, overflow);
        counts.forEach(register);
    }

    /** Counts one error. */
    public void increment(long packedSqlState) {
        String sqlState = SqlState.text(packedSqlState);
        LongAdder count = counts.get(sqlState);
        (count == null ? addedFor(sqlState) : count).increment();
    }

    // Synchronized, so that the number of labels stays within its limit.
    private synchronized LongAdder addedFor(String sqlState) {
        LongAdder existing = counts.get(sqlState);
        if (existing != null) {
            return existing;
        }
        if (counts.size() >= STATES_MAX) {
            return overflow;
        }
        LongAdder count = new LongAdder();
        counts.put(sqlState, count);
        added.accept(sqlState, count);
        return count;
    }
}
