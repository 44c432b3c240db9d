package org.pgpod.wireproxy.telemetry;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.pgpod.core.postgres.NormalizedSql;
import org.pgpod.wireproxy.protocol.SqlState;
import org.pgpod.wireproxy.protocol.SqlText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs statements that took long, one line each, without literals, at most {@link #LINES_PER_SECOND_MAX}; what is more is
 * counted.
 */
public final class SlowLog implements AutoCloseable {
    /** A server that is slow is slow for all; the first lines tell of what. */
    public static final int LINES_PER_SECOND_MAX = 10;

    private static final Logger LOG = LoggerFactory.getLogger(SlowLog.class);
    private static final int ROOM_MAX = 64;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long thresholdNanos;
    private final LongAdder suppressed;
    private final Outbox<FinishedStatement> outbox;
    /** The second, by the clock of the machine, in the upper bits, and its lines in the lower sixteen. */
    private final AtomicLong budget = new AtomicLong();

    public SlowLog(Duration threshold, LongAdder suppressed) {
        this.thresholdNanos = threshold.toNanos();
        this.suppressed = suppressed;
        this.outbox = new Outbox<>("slow-log", ROOM_MAX, 1, NANOS_PER_SECOND / 1_000_000, suppressed, SlowLog::write);
    }

    /** Takes one if it was slow; never waits. */
    void finished(FinishedStatement statement) {
        if (statement.nanos() < thresholdNanos) {
            return;
        }
        if (mayWrite(System.nanoTime() / NANOS_PER_SECOND)) {
            outbox.offer(statement);
        } else {
            suppressed.increment();
        }
    }

    private boolean mayWrite(long second) {
        long now = second << 16;
        long next =
                budget.updateAndGet(before -> (before >> 16) == second ? Math.min(before + 1, now | 0xffff) : now | 1);
        return (next & 0xffff) <= LINES_PER_SECOND_MAX;
    }

    private static void write(List<FinishedStatement> slow) {
        for (FinishedStatement statement : slow) {
            String sql = statement.text().map(SqlText::normalized).orElse("");
            Who who = statement.who();
            LOG.warn(
                    "slow statement millis={} database={} user={} application={} client={} sqlState={} fingerprint={}"
                            + " statement={}",
                    statement.nanos() / 1_000_000,
                    quoted(who.database()),
                    quoted(who.user()),
                    quoted(who.application()),
                    who.client(),
                    statement.sqlState() == SqlState.NONE ? "00000" : SqlState.text(statement.sqlState()),
                    sql.isEmpty() ? "none" : NormalizedSql.fingerprint(sql),
                    sql);
        }
    }

    /** A text of a client's choice, so that it cannot be taken for another key of the line. */
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '"' || character == '\\') {
                quoted.append('\\');
            }
            quoted.append(Character.isISOControl(character) ? ' ' : character);
        }
        return quoted.append('"').toString();
    }

    @Override
    public void close() {
        outbox.close();
    }
}
