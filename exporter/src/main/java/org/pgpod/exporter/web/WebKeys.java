package org.pgpod.exporter.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads keys of one part of a web configuration file; each problem begins with the place. */
record WebKeys(String place, List<String> problems) {
    WebKeys within(String part) {
        return new WebKeys(place + ": " + part, problems);
    }

    void problem(String sentence) {
        problems.add(place + ": " + sentence);
    }

    void refuseUnknown(JsonNode node, Set<String> known) {
        String keys = String.join(", ", known.stream().sorted().toList());
        if (!node.isObject()) {
            problem("must be a map with the keys " + keys);
        }
        node.propertyStream()
                .filter(entry -> !known.contains(entry.getKey()))
                .forEach(
                        entry -> problem("key '" + entry.getKey() + "' is unknown or not supported; keys are " + keys));
    }

    Optional<String> text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()
                || value.isNull()
                || (value.isValueNode() && value.asText().isEmpty())) {
            return Optional.empty();
        }
        if (!value.isValueNode()) {
            problem(key + " must be a text");
            return Optional.empty();
        }
        return Optional.of(value.asText());
    }

    List<String> texts(JsonNode node, String key) {
        List<String> texts = new ArrayList<>();
        JsonNode values = node.path(key);
        if (!values.isMissingNode() && !values.isArray()) {
            problem(key + " must be a list");
        }
        for (JsonNode value : values) {
            texts.add(value.asText());
        }
        return texts;
    }

    Optional<Boolean> flag(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            problem(key + " is '" + value.asText() + "'; it must be true or false");
        }
        return Optional.of(value.asBoolean());
    }

    /** The value of a key that is one of some words; empty if the key is not there or another word was refused. */
    Optional<String> word(JsonNode node, String key, List<String> allowed) {
        Optional<String> word = text(node, key);
        if (word.isPresent() && !allowed.contains(word.get())) {
            problem(key + " is '" + word.get() + "'; it must be one of " + String.join(", ", allowed));
            return Optional.empty();
        }
        return word;
    }
}
