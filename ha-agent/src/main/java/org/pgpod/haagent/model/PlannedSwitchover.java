package org.pgpod.haagent.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * A switchover to come: key {@code switchover} of the ConfigMap.
 *
 * @param leader who must be the primary then; empty for whoever it is
 * @param candidate the next primary; empty for the best standby
 * @param at when, by the primary's wall clock
 */
public record PlannedSwitchover(Optional<String> leader, Optional<String> candidate, Instant at) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String AT = "scheduled_at";

    /** A time with its zone, such as {@code 2026-11-21T23:00:00+01:00}; empty for anything else. */
    public static Optional<Instant> time(String text) {
        try {
            return Optional.of(
                    OffsetDateTime.parse(text.strip().replaceFirst(" ", "T")).toInstant());
        } catch (DateTimeException unzoned) {
            return Optional.empty();
        }
    }

    public static Parsed<PlannedSwitchover> parse(String text) {
        try {
            JsonNode json = MAPPER.readTree(text);
            return time(json.path(AT).asText())
                    .<Parsed<PlannedSwitchover>>map(at -> new Parsed.Valid<>(
                            new PlannedSwitchover(name(json, "leader"), name(json, "candidate"), at)))
                    .orElseGet(() -> new Parsed.Malformed<>(AT + " is no time with a zone"));
        } catch (JsonProcessingException malformed) {
            return new Parsed.Malformed<>(malformed.getOriginalMessage());
        }
    }

    private static Optional<String> name(JsonNode json, String key) {
        return Optional.of(json.path(key).asText("")).filter(text -> !text.isBlank());
    }

    public String format() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        leader.ifPresent(name -> json.put("leader", name));
        candidate.ifPresent(name -> json.put("candidate", name));
        return json.put(AT, at.toString()).toString();
    }
}
