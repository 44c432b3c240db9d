package org.pgpod.haagent.simulation;

import java.util.HashMap;
import java.util.Map;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.SupervisorRequest;

/** The {@code key=value} pairs of one request to the supervisor. */
final class Words {
    private final Map<String, String> values = new HashMap<>();

    Words(SupervisorRequest request) {
        for (String word : request.words()) {
            int equals = word.indexOf('=');
            values.put(word.substring(0, equals), word.substring(equals + 1));
        }
    }

    Map<String, String> all() {
        return Map.copyOf(values);
    }

    String text(String key) {
        return values.getOrDefault(key, "");
    }

    boolean is(String key, String value) {
        return text(key).equals(value);
    }

    long number(String key) {
        String text = text(key);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    Epoch epoch() {
        return new Epoch(number("epoch"));
    }
}
