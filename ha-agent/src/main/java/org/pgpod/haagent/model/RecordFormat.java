package org.pgpod.haagent.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/** The text of the annotation {@code pgpod.org/record}, byte for byte the same for equal records. */
public final class RecordFormat {
    /** The annotation's name. */
    public static final String ANNOTATION = "pgpod.org/record";

    private RecordFormat() {}

    /** Reads it; a version, key, phase or mode of the future is {@link Parsed.Unknown}. */
    public static Parsed<ClusterRecord> parse(String text) {
        return StrictJson.read(text, RecordFormat::read);
    }

    private static ClusterRecord read(StrictJson json) {
        return new ClusterRecord(
                new Epoch(json.number("epoch")),
                json.word("phase", ClusterRecord.Phase.class),
                json.optional("systemId", node -> new SystemId(StrictJson.text(node, "systemId"))),
                json.optional("data", node -> new DataId(StrictJson.text(node, "data"))),
                new Timeline(Math.toIntExact(json.number("timeline"))),
                HistoryFormat.read(json),
                Lsn.parse(json.text("lsn")),
                json.truth("clean"),
                json.word("mode", ClusterRecord.Mode.class),
                json.truth("strict"),
                Math.toIntExact(json.number("w")),
                json.list("voters", node -> MemberName.parse(StrictJson.text(node, "voters"))),
                json.optionalText("prefer"),
                json.list("failed", node -> StrictJson.text(node, "failed")),
                json.truth("pause"));
    }

    /** Writes it on one line, keys in the protocol's order. */
    public static String format(ClusterRecord record) {
        ObjectNode json = StrictJson.write()
                .put("epoch", record.epoch().number())
                .put("phase", StrictJson.word(record.phase()))
                .put("systemId", record.systemId().map(SystemId::text).orElse(null))
                .put("data", record.data().map(DataId::text).orElse(null))
                .put("timeline", record.timeline().id());
        HistoryFormat.write(json.putArray("history"), record.history());
        json.put("lsn", record.lsn().toString())
                .put("clean", record.clean())
                .put("mode", StrictJson.word(record.mode()))
                .put("strict", record.strict())
                .put("w", record.w());
        ArrayNode voters = json.putArray("voters");
        record.voters().forEach(voter -> voters.add(voter.toString()));
        json.put("prefer", record.prefer().orElse(null));
        ArrayNode failed = json.putArray("failed");
        record.failed().forEach(failed::add);
        return json.put("pause", record.pause()).toString();
    }
}
