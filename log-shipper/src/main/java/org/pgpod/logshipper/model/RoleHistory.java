package org.pgpod.logshipper.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the server was at which time, as far as it was asked. A time between two different answers has no role, and neither
 * has one long after the last answer: nothing is guessed. One thread notes, any may ask.
 */
public final class RoleHistory {
    /** How long an answer holds, if no other follows. */
    public static final long VALID_MICROS = 3_000_000;

    /** Changes that are remembered: a backlog from before them has no role. */
    private static final int SPANS_MAX = 64;

    private volatile List<Span> spans = List.of();

    /** From the first to the last of the answers that were the same, without a gap. */
    private record Span(long from, long to, ServerRole role) {
        boolean lastsTo(long micros) {
            return micros >= to && micros - to <= VALID_MICROS;
        }
    }

    /** Notes an answer. One that is older than the last, because the clock was set back, begins everything anew. */
    public void note(long epochMicros, ServerRole role) {
        List<Span> before = spans;
        if (!before.isEmpty() && epochMicros < before.getLast().to()) {
            before = List.of();
        }
        List<Span> next = new ArrayList<>(before);
        if (!next.isEmpty()
                && next.getLast().role().equals(role)
                && next.getLast().lastsTo(epochMicros)) {
            next.set(next.size() - 1, new Span(next.getLast().from(), epochMicros, role));
        } else {
            next.add(new Span(epochMicros, epochMicros, role));
        }
        spans = List.copyOf(next.subList(Math.max(0, next.size() - SPANS_MAX), next.size()));
    }

    /** The role at a time; null when it is not known. */
    public @Nullable ServerRole at(long epochMicros) {
        List<Span> known = spans;
        for (int i = known.size() - 1; i >= 0; i--) {
            Span span = known.get(i);
            if (epochMicros >= span.from()) {
                boolean newest = i == known.size() - 1;
                return epochMicros <= span.to() || (newest && span.lastsTo(epochMicros)) ? span.role() : null;
            }
        }
        return null;
    }
}
