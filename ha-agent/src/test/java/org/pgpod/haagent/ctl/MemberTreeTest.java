package org.pgpod.haagent.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemberTreeTest {
    private static JsonNode member(String name, String role, String from) {
        ObjectNode member =
                JsonNodeFactory.instance.objectNode().put("name", name).put("role", role);
        if (!from.isEmpty()) {
            member.putObject("tags").put("replicatefrom", from);
        }
        return member;
    }

    private static List<String> lines(JsonNode... members) {
        return MemberTree.of(List.of(members)).stream()
                .map(branch ->
                        branch.depth() + " " + branch.member().path("name").asText())
                .toList();
    }

    @Test
    void standbysStandUnderTheOneTheyStreamFrom() {
        assertThat(lines(
                        member("a", "replica", ""),
                        member("b", "replica", "d"),
                        member("c", "leader", "a"),
                        member("d", "replica", "a"),
                        member("e", "replica", "c")))
                .containsExactly("0 c", "1 a", "2 d", "3 b", "1 e");
    }

    @Test
    void namesOfNobodyAndCirclesLeadToThePrimary() {
        assertThat(lines(
                        member("a", "leader", ""),
                        member("b", "replica", "c"),
                        member("c", "replica", "b"),
                        member("d", "replica", "x"),
                        member("e", "replica", "e")))
                .containsExactly("0 a", "1 b", "1 c", "1 d", "1 e");
    }

    @Test
    void withoutAPrimaryTheTreeStandsAllTheSame() {
        assertThat(lines(member("a", "replica", ""), member("b", "replica", "a")))
                .containsExactly("1 a", "2 b");
    }
}
