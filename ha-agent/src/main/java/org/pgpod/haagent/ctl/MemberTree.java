package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Members in the order in which they are to feed each other by their tags: the primary, then each of its standbys with those
 * that stream from it. A tag that names nobody, or leads back to where it came from, counts for nothing, as in the agents.
 */
final class MemberTree {
    /** One line of the tree. */
    record Branch(int depth, JsonNode member) {}

    private final Map<String, JsonNode> members = new HashMap<>();
    private final Optional<String> leader;

    private MemberTree(List<JsonNode> all) {
        all.forEach(member -> members.put(AgentClient.name(member), member));
        leader = all.stream()
                .filter(AgentClient::isLeader)
                .map(AgentClient::name)
                .findFirst();
    }

    static List<Branch> of(List<JsonNode> members) {
        MemberTree tree = new MemberTree(members);
        List<Branch> branches = new ArrayList<>();
        members.stream()
                .filter(AgentClient::isLeader)
                .findFirst()
                .ifPresent(member -> branches.add(new Branch(0, member)));
        tree.grow(Optional.empty(), 1, branches);
        return branches;
    }

    private void grow(Optional<String> above, int depth, List<Branch> branches) {
        members.values().stream()
                .filter(member ->
                        leader.filter(AgentClient.name(member)::equals).isEmpty())
                .filter(member -> above(AgentClient.name(member)).equals(above))
                .sorted(Comparator.comparing(AgentClient::name))
                .forEach(member -> {
                    branches.add(new Branch(depth, member));
                    grow(Optional.of(AgentClient.name(member)), depth + 1, branches);
                });
    }

    /** The standby from which the member is to stream; empty for the primary. */
    private Optional<String> above(String name) {
        Set<String> passed = new HashSet<>(Set.of(name));
        Optional<String> first = wanted(name);
        Optional<String> next = first;
        while (next.isPresent()) {
            if (!passed.add(next.get())) {
                return Optional.empty();
            }
            next = wanted(next.get());
        }
        return first;
    }

    private Optional<String> wanted(String name) {
        return Optional.ofNullable(members.get(name))
                .map(member -> member.path("tags").path("replicatefrom").asText(""))
                .filter(members::containsKey)
                .filter(other -> !leader.equals(Optional.of(other)));
    }
}
