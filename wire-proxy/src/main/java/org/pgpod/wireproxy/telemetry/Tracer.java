package org.pgpod.wireproxy.telemetry;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.pgpod.wireproxy.protocol.TraceParent;

/**
 * Decides which statements a trace records: all of a trace that the client records, none of one that it does not, and a
 * share of those without a trace.
 */
public final class Tracer {
    private final double ratio;
    private final Outbox<TracedStatement> outbox;

    public Tracer(double ratio, Outbox<TracedStatement> outbox) {
        this.ratio = ratio;
        this.outbox = outbox;
    }

    /** Takes one if it is to be recorded, and says under which ids; never waits. */
    Optional<TracedStatement> finished(FinishedStatement statement) {
        Optional<TraceParent> parent = statement.text().flatMap(TraceParent::of);
        boolean recorded = parent.isPresent()
                ? parent.get().sampled()
                : ThreadLocalRandom.current().nextDouble() < ratio;
        if (!recorded) {
            return Optional.empty();
        }
        TracedStatement traced = new TracedStatement(
                statement,
                parent.map(TraceParent::traceId).orElseGet(() -> id() + id()),
                id(),
                parent.map(TraceParent::spanId).orElse(""),
                nowEpochNanos());
        outbox.offer(traced);
        return Optional.of(traced);
    }

    /** Sixteen hexadecimal digits, not all zero. */
    private static String id() {
        long id = ThreadLocalRandom.current().nextLong();
        return String.format("%016x", id == 0 ? 1 : id);
    }

    private static long nowEpochNanos() {
        java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
