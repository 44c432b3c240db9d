package org.pgpod.haagent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.SlotReport;
import org.pgpod.haagent.model.SlotState;

/** The part of {@code GET /status} on this server's replication slots. */
final class SlotDocument {
    private SlotDocument() {}

    static void write(ObjectNode json, SlotReport report) {
        ArrayNode slots = json.putArray("slots");
        for (SlotState slot : report.slots()) {
            slots.addObject()
                    .put("name", slot.name())
                    .put("type", slot.kind().name().toLowerCase(Locale.ROOT))
                    .put("database", slot.database().isEmpty() ? null : slot.database())
                    .put("plugin", slot.plugin().isEmpty() ? null : slot.plugin())
                    .put("active", slot.active())
                    .put("restartLsn", slot.restart().map(Lsn::toString).orElse(null))
                    .put("retainedBytes", slot.retainedBytes())
                    .put("lost", slot.lost().orElse(null))
                    .put("failover", slot.failover())
                    .put("synced", slot.synced());
        }
        ArrayNode problems = json.putArray("slotProblems");
        report.problems().forEach(problems::add);
    }
}
