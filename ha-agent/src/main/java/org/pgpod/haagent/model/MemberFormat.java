package org.pgpod.haagent.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/** The text of the annotation {@code pgpod.org/member}, byte for byte the same for equal states. */
public final class MemberFormat {
    /** The annotation's name. */
    public static final String ANNOTATION = "pgpod.org/member";

    private MemberFormat() {}

    /** Reads it; a version, key, state or role of the future is {@link Parsed.Unknown}. */
    public static Parsed<MemberStatus> parse(String text) {
        return StrictJson.read(text, MemberFormat::read);
    }

    private static MemberStatus read(StrictJson json) {
        return new MemberStatus(
                json.text("pod"),
                json.text("uid"),
                json.optional("data", node -> new DataId(StrictJson.text(node, "data"))),
                json.optional("systemId", node -> new SystemId(StrictJson.text(node, "systemId"))),
                json.text("addr"),
                Math.toIntExact(json.number("sql")),
                Math.toIntExact(json.number("api")),
                json.text("node"),
                json.text("zone"),
                tags(json.object("tags")),
                json.word("state", MemberStatus.State.class),
                json.word("role", MemberStatus.Role.class),
                new Epoch(json.number("epoch")),
                json.optional("timeline", node -> timeline(node, "timeline")),
                HistoryFormat.read(json),
                Lsn.parse(json.text("received")),
                Lsn.parse(json.text("replayed")),
                json.truth("atEnd"),
                json.optional("vote", MemberFormat::vote),
                json.optional("checkpointTimeline", node -> timeline(node, "checkpointTimeline")),
                json.optionalText("destroying"),
                json.optionalText("reason"),
                json.optionalText("progress"),
                json.wordIfPresent("storage", StorageTrouble.class),
                json.textIfPresent("oldestWal").map(Lsn::parse),
                json.optionalText("libraries"),
                json.text("postgres"),
                json.text("agent"),
                json.ifPresent("server", MemberFormat::server).orElse(ServerReport.NONE),
                json.ifPresent("withdrawing", node -> StrictJson.truth(node, "withdrawing"))
                        .orElse(false));
    }

    private static Timeline timeline(JsonNode node, String key) {
        return new Timeline(Math.toIntExact(StrictJson.number(node, key)));
    }

    private static Tags tags(JsonNode node) {
        Map<String, String> tags = new TreeMap<>();
        for (Map.Entry<String, JsonNode> tag : node.properties()) {
            tags.put(tag.getKey(), StrictJson.text(tag.getValue(), "tags." + tag.getKey()));
        }
        return new Tags(tags);
    }

    private static Vote vote(JsonNode node) {
        if (node.size() != 4) {
            throw new IllegalArgumentException("'vote' has other keys than rv, epoch, timeline and lsn");
        }
        return new Vote(
                StrictJson.text(node.path("rv"), "vote.rv"),
                new Epoch(StrictJson.number(node.path("epoch"), "vote.epoch")),
                timeline(node.path("timeline"), "vote.timeline"),
                Lsn.parse(StrictJson.text(node.path("lsn"), "vote.lsn")));
    }

    /** Writes it on one line, keys in the protocol's order. */
    public static String format(MemberStatus status) {
        ObjectNode json = StrictJson.write()
                .put("pod", status.pod())
                .put("uid", status.uid())
                .put("data", status.data().map(DataId::text).orElse(null))
                .put("systemId", status.systemId().map(SystemId::text).orElse(null))
                .put("addr", status.address())
                .put("sql", status.sqlPort())
                .put("api", status.apiPort())
                .put("node", status.node())
                .put("zone", status.zone());
        ObjectNode tags = json.putObject("tags");
        status.tags().values().forEach(tags::put);
        json.put("state", StrictJson.word(status.state()))
                .put("role", StrictJson.word(status.role()))
                .put("epoch", status.epoch().number())
                .put("timeline", status.timeline().map(Timeline::id).orElse(null));
        HistoryFormat.write(json.putArray("history"), status.history());
        json.put("received", status.received().toString())
                .put("replayed", status.replayed().toString())
                .put("atEnd", status.atEnd());
        writeVote(json, status.vote());
        json.put(
                        "checkpointTimeline",
                        status.checkpointTimeline().map(Timeline::id).orElse(null))
                .put("destroying", status.destroying().orElse(null))
                .put("reason", status.reason().orElse(null))
                .put("progress", status.progress().orElse(null))
                .put("libraries", status.libraries().orElse(null))
                .put("postgres", status.postgres())
                .put("agent", status.agent());
        status.storage().ifPresent(trouble -> json.put("storage", StrictJson.word(trouble)));
        status.oldestWal().ifPresent(lsn -> json.put("oldestWal", lsn.toString()));
        writeServer(json, status.server());
        if (status.withdrawing()) {
            json.put("withdrawing", true);
        }
        return json.toString();
    }

    private static ServerReport server(JsonNode node) {
        SortedMap<String, Long> inForce = new TreeMap<>();
        for (Map.Entry<String, JsonNode> value : node.path("inForce").properties()) {
            inForce.put(value.getKey(), StrictJson.number(value.getValue(), "server.inForce"));
        }
        SortedMap<String, ServerReport.Change> pending = new TreeMap<>();
        for (Map.Entry<String, JsonNode> change : node.path("pending").properties()) {
            pending.put(
                    change.getKey(),
                    new ServerReport.Change(
                            StrictJson.text(change.getValue().path(0), "server.pending"),
                            StrictJson.text(change.getValue().path(1), "server.pending")));
        }
        SortedMap<String, Lsn> slots = new TreeMap<>();
        for (Map.Entry<String, JsonNode> slot : node.path("slots").properties()) {
            slots.put(slot.getKey(), Lsn.parse(StrictJson.text(slot.getValue(), "server.slots")));
        }
        return new ServerReport(new SensitiveValues(inForce), pending, slots);
    }

    /** Left out while there is nothing to report. */
    private static void writeServer(ObjectNode json, ServerReport server) {
        if (server.equals(ServerReport.NONE)) {
            return;
        }
        ObjectNode node = json.putObject("server");
        ObjectNode inForce = node.putObject("inForce");
        server.inForce().values().forEach(inForce::put);
        ObjectNode pending = node.putObject("pending");
        server.pending()
                .forEach((name, change) ->
                        pending.putArray(name).add(change.from()).add(change.to()));
        if (!server.slots().isEmpty()) {
            ObjectNode slots = node.putObject("slots");
            server.slots().forEach((name, lsn) -> slots.put(name, lsn.toString()));
        }
    }

    private static void writeVote(ObjectNode json, Optional<Vote> vote) {
        if (vote.isEmpty()) {
            json.putNull("vote");
            return;
        }
        json.putObject("vote")
                .put("rv", vote.get().resourceVersion())
                .put("epoch", vote.get().epoch().number())
                .put("timeline", vote.get().timeline().id())
                .put("lsn", vote.get().lsn().toString());
    }
}
