package org.pgpod.haagent.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/**
 * A restart to come: the member's part of the key {@code restarts} of the ConfigMap, with Patroni's words.
 *
 * @param at when, by that member's wall clock
 * @param terms looked at when the time has come
 */
public record PlannedRestart(Instant at, RestartTerms terms) {
    public static final String SCHEDULE = "schedule";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The text of the plan for {@code pod}, if the ConfigMap has one. */
    public static Optional<String> text(ConfigMapView view, String pod) {
        return Optional.ofNullable(all(view).get(pod)).map(JsonNode::toString);
    }

    /** The same ConfigMap with this plan for {@code pod}, or without one. */
    public static ConfigMapView put(ConfigMapView view, String pod, Optional<PlannedRestart> plan) {
        ObjectNode all = all(view);
        plan.ifPresentOrElse(wanted -> all.set(pod, wanted.json()), () -> all.remove(pod));
        return view.with(ConfigMapView.RESTARTS, all.isEmpty() ? Optional.empty() : Optional.of(all.toString()));
    }

    /** What is not readable as a whole holds no plan. */
    private static ObjectNode all(ConfigMapView view) {
        try {
            return MAPPER.readTree(view.entry(ConfigMapView.RESTARTS).orElse("{}")) instanceof ObjectNode plans
                    ? plans
                    : JsonNodeFactory.instance.objectNode();
        } catch (JsonProcessingException malformed) {
            return JsonNodeFactory.instance.objectNode();
        }
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
        return text(view, pod).flatMap(text -> parse(text).valid());
    }

    /** As Patroni shows it. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put(SCHEDULE, at.toString());
        terms.write(json);
        return json;
    }
}
