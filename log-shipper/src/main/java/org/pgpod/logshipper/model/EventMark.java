package org.pgpod.logshipper.model;

import java.util.List;

/**
 * How a record of an event is recognised: by its SQLSTATE, by the pieces that its English message has in this order, or by
 * both.
 *
 * @param state the SQLSTATE; empty for records that have none
 * @param pieces the message begins with the first one and holds the others after it; empty for any message
 */
public record EventMark(String state, List<String> pieces) {
    public EventMark {
        pieces = List.copyOf(pieces);
        if (state.isEmpty() && pieces.isEmpty()) {
            throw new IllegalArgumentException("an event without a SQLSTATE has a message");
        }
    }

    static EventMark state(String state, String... pieces) {
        return new EventMark(state, List.of(pieces));
    }

    static EventMark message(String... pieces) {
        return new EventMark("", List.of(pieces));
    }
}
