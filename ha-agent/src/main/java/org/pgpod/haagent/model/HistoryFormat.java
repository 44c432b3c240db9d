package org.pgpod.haagent.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/** A {@link TimelineHistory} as JSON: {@code [[epoch,timeline,"start"],…]}. */
final class HistoryFormat {
    private static final String KEY = "history";
    private static final int PARTS = 3;

    private HistoryFormat() {}

    static TimelineHistory read(StrictJson json) {
        return new TimelineHistory(json.list(KEY, HistoryFormat::entry));
    }

    private static TimelineHistory.Entry entry(JsonNode node) {
        if (!node.isArray() || node.size() != PARTS) {
            throw new IllegalArgumentException("a history entry is [epoch,timeline,\"start\"], not " + node);
        }
        return new TimelineHistory.Entry(
                new Epoch(StrictJson.number(node.get(0), KEY)),
                new Timeline(Math.toIntExact(StrictJson.number(node.get(1), KEY))),
                Lsn.parse(StrictJson.text(node.get(2), KEY)));
    }

    static void write(ArrayNode array, TimelineHistory history) {
        for (TimelineHistory.Entry entry : history.entries()) {
            array.addArray()
                    .add(entry.epoch().number())
                    .add(entry.timeline().id())
                    .add(entry.start().toString());
        }
    }
}
