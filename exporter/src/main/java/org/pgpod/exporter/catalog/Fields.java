package org.pgpod.exporter.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.pgpod.core.config.Options;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Usage;
import org.pgpod.exporter.model.VersionRange;

/** Reads the values of one part of a file and gathers what is wrong with them, each problem beginning with the place. */
final class Fields {
    private static final Duration DURATION_MIN = Duration.ofMillis(1);

    private final String place;
    private final List<String> problems;

    Fields(String place, List<String> problems) {
        this.place = place;
        this.problems = problems;
    }

    Fields within(String part) {
        return new Fields(place + ": " + part, problems);
    }

    void problem(String sentence) {
        problems.add(place + ": " + sentence);
    }

    static List<String> sorted(Collection<String> names) {
        return names.stream().sorted().toList();
    }

    void refuseUnknown(JsonNode node, Set<String> keys) {
        if (!node.isObject()) {
            problem("must be a map with the keys " + String.join(", ", sorted(keys)));
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!keys.contains(entry.getKey())) {
                problem("key '" + entry.getKey() + "' is unknown; keys are " + String.join(", ", sorted(keys)));
            }
        }
    }

    Optional<String> text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isValueNode() || value.asText().isBlank()) {
            problem(key + " must be a text");
            return Optional.empty();
        }
        return Optional.of(value.asText());
    }

    String required(JsonNode node, String key) {
        Optional<String> text = text(node, key);
        if (text.isEmpty() && !node.has(key)) {
            problem(key + " must be set");
        }
        return text.orElse("");
    }

    boolean flag(JsonNode node, String key, boolean standard) {
        JsonNode value = node.path(key);
        if (!value.isMissingNode() && !value.isBoolean()) {
            problem(key + " must be true or false");
        }
        return value.asBoolean(standard);
    }

    Duration duration(JsonNode node, String key, String standard, Duration most) {
        var option = Options.duration(key, DURATION_MIN, most, "");
        String text = text(node, key).orElse(standard);
        try {
            return option.parser().parse(text);
        } catch (IllegalArgumentException notAllowed) {
            problem(key + " is '" + text + "'; it must be " + option.allowed());
            return DURATION_MIN;
        }
    }

    int number(JsonNode node, String key, int standard) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return standard;
        }
        if (!value.isInt() || value.asInt() < 1 || value.asInt() > Collector.SERIES_MAX_MOST) {
            problem(key + " is '" + value.asText() + "'; it must be a whole number from 1 to "
                    + Collector.SERIES_MAX_MOST);
        }
        return value.asInt();
    }

    OptionalDouble decimal(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return OptionalDouble.empty();
        }
        if (!value.isNumber()) {
            problem(key + " is '" + value.asText() + "'; it must be a number");
        }
        return OptionalDouble.of(value.asDouble());
    }

    VersionRange versions(JsonNode node, VersionRange standard) {
        Optional<String> text = text(node, "versions");
        try {
            return text.map(VersionRange::parse).orElse(standard);
        } catch (IllegalArgumentException notAllowed) {
            problem("versions is '" + text.orElse("") + "'; it must be " + VersionRange.ALLOWED);
            return standard;
        }
    }

    Usage usage(JsonNode node) {
        String text = text(node, "usage").orElse("");
        for (Usage usage : Usage.values()) {
            if (usage.name().equals(text.toUpperCase(Locale.ROOT))) {
                return usage;
            }
        }
        List<String> names = Arrays.stream(Usage.values()).map(Enum::name).toList();
        problem("usage '" + text + "' is unknown; usages are " + String.join(", ", names));
        return Usage.DISCARD;
    }
}
