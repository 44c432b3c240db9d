package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.pgpod.haagent.conf.ConfigurationText;
import org.pgpod.haagent.ctl.AgentClient.Refusal;

/** Changes of the dynamic configuration as people type them. */
final class ConfigPatch {
    private ConfigPatch() {}

    /** {@code a.b=value} becomes nested objects; {@code null} removes. Parameters go under {@code postgresql.parameters}. */
    static ObjectNode of(Map<String, String> settings, Map<String, String> parameters) {
        ObjectNode patch = ControlClient.object();
        settings.forEach((key, value) -> {
            String[] path = key.split("\\.", -1);
            ObjectNode at = patch;
            for (int step = 0; step < path.length - 1; step++) {
                at = at.get(path[step]) instanceof ObjectNode inner ? inner : at.putObject(path[step]);
            }
            put(at, path[path.length - 1], value);
        });
        if (!parameters.isEmpty()) {
            ObjectNode postgresql =
                    patch.get("postgresql") instanceof ObjectNode present ? present : patch.putObject("postgresql");
            ObjectNode section = postgresql.get("parameters") instanceof ObjectNode present
                    ? present
                    : postgresql.putObject("parameters");
            parameters.forEach((name, value) -> put(section, name, value));
        }
        return patch;
    }

    private static void put(ObjectNode at, String key, String value) {
        if (value.equals("null")) {
            at.putNull(key);
        } else {
            at.put(key, value);
        }
    }

    static JsonNode parse(String text) throws Refusal {
        try {
            return ConfigurationText.document(text);
        } catch (JsonProcessingException malformed) {
            throw new Refusal("the configuration is neither YAML nor JSON: " + malformed.getOriginalMessage());
        }
    }

    static String format(ObjectNode document) {
        return ConfigurationText.format(document);
    }
}
