package org.pgpod.wireproxy.standbys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Lsn;

/**
 * What one agent says of itself and of the cluster in {@code GET /status}.
 *
 * @param member its pod
 * @param role {@code primary}, {@code standby} or {@code none}, true at the moment of the answer
 * @param replayed up to where it has replayed, or written if it is the primary; empty while its Postgres does not run
 * @param timeline of its WAL; 0 if unknown
 * @param members all members that it knows of, at most {@link #MEMBERS_MAX}
 */
public record AgentAnswer(String member, String role, Optional<Lsn> replayed, int timeline, List<Member> members) {
    /** A larger cluster has standbys that nobody is brought to. */
    public static final int MEMBERS_MAX = 64;

    private static final ObjectMapper JSON = new ObjectMapper();

    public AgentAnswer {
        members = List.copyOf(members);
    }

    /** Reads the document; an {@link IOException} if it is none. */
    static AgentAnswer parse(byte[] document) throws IOException {
        JsonNode status = JSON.readTree(document);
        List<Member> members = new ArrayList<>();
        for (JsonNode one : status.path("members")) {
            boolean complete = one.path("name").isTextual() && one.path("host").isTextual();
            if (complete && members.size() < MEMBERS_MAX) {
                members.add(member(one));
            }
        }
        return new AgentAnswer(
                status.path("member").asText(""),
                status.path("role").asText("none"),
                lsn(status.path("replayed")),
                status.path("timeline").asInt(0),
                members);
    }

    private static Member member(JsonNode one) {
        return new Member(
                one.path("name").asText(),
                one.path("role").asText("none"),
                one.path("host").asText(),
                one.path("apiPort").asInt(0),
                Optional.ofNullable(one.path("zone").textValue()).filter(zone -> !zone.isEmpty()),
                lsn(one.path("lsn")),
                !one.path("tags").path("noloadbalance").asText("false").equals("true"));
    }

    private static Optional<Lsn> lsn(JsonNode text) {
        try {
            return Optional.ofNullable(text.textValue()).map(Lsn::parse);
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}
