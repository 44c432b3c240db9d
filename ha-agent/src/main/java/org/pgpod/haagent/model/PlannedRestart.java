package org.pgpod.haagent.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/**
 * A restart to come: key {@code restart.<pod>} of the ConfigMap, with Patroni's words.
 *
 * @param at when, by that member's wall clock
 * @param terms looked at when the time has come
 */
public record PlannedRestart(Instant at, RestartTerms terms) {
    public static final String SCHEDULE = "schedule";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Where the plan of one member is kept. */
    public static String key(String pod) {
        return "restart." + pod;
    }

    public static Parsed<PlannedRestart> parse(String text) {
        try {
            JsonNode json = MAPPER.readTree(text);
            Optional<Instant> at = PlannedSwitchover.time(json.path(SCHEDULE).asText());
            if (at.isEmpty()) {
                return new Parsed.Malformed<>(SCHEDULE + " is no time with a zone");
            }
            return RestartTerms.parse(json) instanceof Parsed.Valid<RestartTerms>(RestartTerms terms)
                    ? new Parsed.Valid<>(new PlannedRestart(at.get(), terms))
                    : new Parsed.Malformed<>("its terms are not readable");
        } catch (JsonProcessingException malformed) {
            return new Parsed.Malformed<>(malformed.getOriginalMessage());
        }
    }

    /** The plan of {@code pod}, if the ConfigMap has one that can be read. */
    public static Optional<PlannedRestart> of(ConfigMapView view, String pod) {
        return view.entry(key(pod)).flatMap(text -> parse(text).valid());
    }

    /** As Patroni shows it. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put(SCHEDULE, at.toString());
        terms.write(json);
        return json;
    }
}
