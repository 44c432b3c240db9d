package org.pgpod.haagent.conf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pgpod.haagent.model.DynamicConfiguration;

/**
 * Reads the text of the cluster's dynamic configuration, YAML or JSON in Patroni's form. Keys of Patroni's that mean
 * something else here, or nothing, are refused with what to use instead.
 */
public final class ConfigurationText {
    private static final int LENGTH_MAX = 262_144;
    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String POSTGRESQL = "postgresql";

    /** Keys of Patroni's that have no place here. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "ttl", "the Lease's timings are chosen together, by haAgent.leasePreset of each pod",
            "loop_wait", "the Lease's timings are chosen together, by haAgent.leasePreset of each pod",
            "retry_timeout", "the Lease's timings are chosen together, by haAgent.leasePreset of each pod",
            "pause", "use pgpod ctl pause and resume, or PATCH /config with {\"pause\": true}",
            "failsafe_mode", "it is not supported");

    private ConfigurationText() {}

    /** What a text says, or why it says nothing usable. */
    public record Outcome(DynamicConfiguration configuration, List<String> problems) {
        public Outcome {
            problems = List.copyOf(problems);
        }

        public boolean usable() {
            return problems.isEmpty();
        }

        static Outcome refused(String problem) {
            return new Outcome(DynamicConfiguration.NONE, List.of(problem));
        }
    }

    /** The document in {@code text}; nothing at all is an empty one. */
    public static ObjectNode document(String text) throws JsonProcessingException {
        if (text.isBlank()) {
            return JsonNodeFactory.instance.objectNode();
        }
        JsonNode node = MAPPER.readTree(text);
        if (node instanceof ObjectNode object) {
            return object;
        }
        if (node == null || node.isMissingNode() || node.isNull()) {
            return JsonNodeFactory.instance.objectNode();
        }
        throw new com.fasterxml.jackson.core.JsonParseException(null, "it is no mapping of keys to values");
    }

    /** The text of a document, for people to read and edit. */
    public static String format(ObjectNode document) {
        try {
            return document.isEmpty()
                    ? "{}\n"
                    : MAPPER.writeValueAsString(document).replaceFirst("^---\n", "");
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("every JSON document is one in YAML", impossible);
        }
    }

    public static Outcome parse(String text) {
        if (text.length() > LENGTH_MAX) {
            return Outcome.refused("the configuration is longer than " + LENGTH_MAX + " characters");
        }
        try {
            return parse(document(text));
        } catch (JsonProcessingException malformed) {
            return Outcome.refused("the configuration is neither YAML nor JSON: " + malformed.getOriginalMessage());
        }
    }

    public static Outcome parse(ObjectNode document) {
        List<String> problems = new ArrayList<>();
        ObjectNode postgresql = JsonNodeFactory.instance.objectNode();
        TunableKeys tunables = new TunableKeys(problems);
        SlotKeys slots = new SlotKeys(problems);
        StandbyKeys standby = new StandbyKeys(problems);
        for (Map.Entry<String, JsonNode> entry : document.properties()) {
            String key = entry.getKey();
            if (key.equals(POSTGRESQL)) {
                if (entry.getValue() instanceof ObjectNode section) {
                    postgresql = section;
                } else if (!entry.getValue().isNull()) {
                    problems.add("postgresql must hold parameters, pg_hba or pg_ident");
                }
            } else if (ELSEWHERE.containsKey(key)) {
                problems.add(key + " cannot be set here: " + ELSEWHERE.get(key));
            } else if (key.equals(SlotKeys.SLOTS)) {
                slots.readSlots(entry.getValue());
            } else if (key.equals(SlotKeys.IGNORE)) {
                slots.readIgnored(entry.getValue());
            } else if (key.equals(StandbyKeys.SECTION)) {
                standby.read(entry.getValue());
            } else {
                tunables.read(key, entry.getValue());
            }
        }
        SortedMap<String, String> parameters = new TreeMap<>();
        List<String> hba = new ArrayList<>();
        List<String> ident = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : postgresql.properties()) {
            switch (entry.getKey()) {
                case "parameters" -> parameters(entry.getValue(), parameters, problems);
                case "pg_hba" -> lines("pg_hba", entry.getValue(), hba, problems);
                case "pg_ident" -> lines("pg_ident", entry.getValue(), ident, problems);
                case "use_pg_rewind", "use_slots", "remove_data_directory_on_diverged_timelines" ->
                    always(entry.getKey(), entry.getValue(), problems);
                default ->
                    problems.add(
                            "postgresql." + entry.getKey() + " is unknown; allowed are parameters, pg_hba, pg_ident");
            }
        }
        problems.addAll(ServerParameters.problems("postgresql.parameters: ", parameters));
        problems.addAll(HbaLines.problems(hba));
        problems.addAll(IdentLines.problems(ident));
        return new Outcome(
                new DynamicConfiguration(parameters, hba, ident, tunables.tunables(), slots.wishes(), standby.remote()),
                problems);
    }

    /** Patroni lets these be switched off; here they are how it works. */
    private static void always(String key, JsonNode value, List<String> problems) {
        if (!value.asText().equals("true")) {
            problems.add("postgresql." + key + " is '" + value.asText() + "'; it is always true here");
        }
    }

    private static void parameters(JsonNode node, SortedMap<String, String> parameters, List<String> problems) {
        if (!node.isObject() && !node.isNull()) {
            problems.add("postgresql.parameters must be names and values");
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            JsonNode value = entry.getValue();
            if (value.isBoolean()) {
                parameters.put(entry.getKey(), value.booleanValue() ? "on" : "off");
            } else if (value.isValueNode() && !value.isNull()) {
                parameters.put(entry.getKey(), value.asText());
            } else if (!value.isNull()) {
                problems.add("postgresql.parameters: " + entry.getKey() + " is '" + value
                        + "'; it must be one text, number, true or false");
            }
        }
    }

    private static void lines(String key, JsonNode node, List<String> lines, List<String> problems) {
        if (!node.isArray() && !node.isNull()) {
            problems.add("postgresql." + key + " must be a list of lines");
        }
        for (JsonNode line : node) {
            if (line.isTextual()) {
                lines.add(line.textValue());
            } else {
                problems.add(
                        "postgresql." + key + " line " + (lines.size() + 1) + " is '" + line + "'; it must be a text");
            }
        }
    }
}
