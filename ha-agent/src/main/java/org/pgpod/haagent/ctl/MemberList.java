package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pgpod.haagent.ctl.AgentClient.Refusal;

/** All members of a cluster in one table. */
final class MemberList {
    private static final double BYTES_PER_MIB = 1_048_576;

    private final AgentClient agents;
    private final Output out;

    MemberList(AgentClient agents, Output out) {
        this.agents = agents;
        this.out = out;
    }

    /** In which order, and how, members stand. */
    enum Shape {
        FLAT,
        TREE
    }

    int show(Shape shape) throws Refusal, IOException, InterruptedException {
        JsonNode cluster = agents.get("/cluster");
        if (!out.isTable()) {
            out.document(cluster);
            return ControlClient.DONE;
        }
        List<JsonNode> members = new ArrayList<>();
        cluster.path("members").forEach(members::add);
        List<MemberTree.Branch> branches = shape == Shape.TREE
                ? MemberTree.of(members)
                : members.stream()
                        .map(member -> new MemberTree.Branch(0, member))
                        .toList();
        boolean pending = members.stream()
                .anyMatch(member -> member.path("pending_restart").asBoolean(false));
        boolean planned = members.stream().anyMatch(member -> member.has("scheduled_restart"));
        boolean tagged =
                members.stream().anyMatch(member -> !member.path("tags").isEmpty());
        List<String> headings = new ArrayList<>(List.of("Member", "Host", "Role", "State", "TL", "Lag in MB"));
        if (pending) {
            headings.add("Pending restart");
        }
        if (planned) {
            headings.add("Scheduled restart");
        }
        if (tagged) {
            headings.add("Tags");
        }
        List<List<String>> rows = new ArrayList<>();
        for (MemberTree.Branch branch : branches) {
            JsonNode member = branch.member();
            List<String> row = row(branch);
            if (pending) {
                row.add(reasons(member.path("pending_restart_reason")));
            }
            if (planned) {
                row.add(member.path("scheduled_restart").path("schedule").asText(""));
            }
            if (tagged) {
                row.add(tags(member.path("tags")));
            }
            rows.add(row);
        }
        String systemId =
                agents.get("/patroni").path("database_system_identifier").asText("no data yet");
        out.table("Cluster: " + cluster.path("scope").asText() + " (" + systemId + ")", headings, rows);
        if (cluster.path("pause").asBoolean(false)) {
            out.line(" Maintenance mode: on");
        }
        JsonNode switchover = cluster.path("scheduled_switchover");
        if (switchover.has("at")) {
            out.line(" Switchover planned for " + switchover.path("at").asText()
                    + (switchover.has("from")
                            ? " from " + switchover.path("from").asText()
                            : "")
                    + (switchover.has("to") ? " to " + switchover.path("to").asText() : ""));
        }
        return ControlClient.DONE;
    }

    private static List<String> row(MemberTree.Branch branch) {
        JsonNode member = branch.member();
        String indent = branch.depth() == 0 ? "" : "  ".repeat(branch.depth() - 1) + "+ ";
        return new ArrayList<>(List.of(
                indent + AgentClient.name(member),
                member.path("host").asText() + ":" + member.path("port").asText(),
                words(member.path("role").asText()),
                member.path("state").asText(),
                member.path("timeline").asText(""),
                lag(member.path("lag"))));
    }

    /** {@code sync_standby} as Patroni shows it: Sync Standby. */
    private static String words(String role) {
        List<String> words = new ArrayList<>();
        for (String word : role.split("_", -1)) {
            words.add(word.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return String.join(" ", words);
    }

    private static String lag(JsonNode lag) {
        return lag.isNumber() ? Long.toString(Math.round(lag.asLong() / BYTES_PER_MIB)) : lag.asText("");
    }

    private static String reasons(JsonNode reasons) {
        List<String> texts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> reason : reasons.properties()) {
            texts.add(
                    reason.getKey() + ": " + reason.getValue().path("old_value").asText() + "->"
                            + reason.getValue().path("new_value").asText());
        }
        return String.join(", ", texts);
    }

    private static String tags(JsonNode tags) {
        List<String> texts = new ArrayList<>();
        tags.properties()
                .forEach(tag -> texts.add(tag.getKey() + "=" + tag.getValue().asText()));
        return String.join(", ", texts);
    }
}
