package org.pgpod.haagent.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One JSON object of an annotation, read strictly: every key is asked for exactly once, has its type, and no key is left
 * over. Whatever is wrong ends in {@link Parsed.Malformed} or {@link Parsed.Unknown}, never in a half-read value.
 */
final class StrictJson {
    /** Annotations of one object may be 256 KiB together; ours need a few hundred bytes. */
    private static final int LENGTH_MAX = 65_536;

    private static final int VERSION = 1;
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode object;
    private final Set<String> asked = new HashSet<>(Set.of("v"));

    private StrictJson(JsonNode object) {
        this.object = object;
    }

    /** A word of the format that this agent does not know. */
    private static final class UnknownWord extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnknownWord(String what) {
            super(what, null, false, false);
        }
    }

    static <T> Parsed<T> read(String text, Function<StrictJson, T> reader) {
        if (text.length() > LENGTH_MAX) {
            return new Parsed.Malformed<>("longer than " + LENGTH_MAX + " characters");
        }
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node == null || !node.isObject() || !node.path("v").isInt()) {
                return new Parsed.Malformed<>("not an object with a version");
            }
            if (node.path("v").intValue() != VERSION) {
                return new Parsed.Unknown<>("v=" + node.path("v").intValue());
            }
            StrictJson json = new StrictJson(node);
            T value = reader.apply(json);
            json.refuseTheRest();
            return new Parsed.Valid<>(value);
        } catch (UnknownWord unknown) {
            return new Parsed.Unknown<>(String.valueOf(unknown.getMessage()));
        } catch (JsonProcessingException malformed) {
            return new Parsed.Malformed<>("not JSON: " + malformed.getOriginalMessage());
        } catch (IllegalArgumentException | ArithmeticException malformed) {
            return new Parsed.Malformed<>(String.valueOf(malformed.getMessage()));
        }
    }

    /** An object to write, with its version. */
    static ObjectNode write() {
        return JsonNodeFactory.instance.objectNode().put("v", VERSION);
    }

    private void refuseTheRest() {
        object.fieldNames().forEachRemaining(key -> {
            if (!asked.contains(key)) {
                throw new UnknownWord("key '" + key + "'");
            }
        });
    }

    private JsonNode node(String key) {
        asked.add(key);
        JsonNode node = object.get(key);
        if (node == null) {
            throw new IllegalArgumentException("'" + key + "' is missing");
        }
        return node;
    }

    String text(String key) {
        return text(node(key), key);
    }

    static String text(JsonNode node, String key) {
        if (!node.isTextual()) {
            throw new IllegalArgumentException("'" + key + "' is not a string");
        }
        return node.textValue();
    }

    long number(String key) {
        return number(node(key), key);
    }

    static long number(JsonNode node, String key) {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw new IllegalArgumentException("'" + key + "' is not a whole number");
        }
        return node.longValue();
    }

    boolean truth(String key) {
        return truth(node(key), key);
    }

    static boolean truth(JsonNode node, String key) {
        if (!node.isBoolean()) {
            throw new IllegalArgumentException("'" + key + "' is neither true nor false");
        }
        return node.booleanValue();
    }

    <T> Optional<T> optional(String key, Function<JsonNode, T> reader) {
        JsonNode node = node(key);
        return node.isNull() ? Optional.empty() : Optional.of(reader.apply(node));
    }

    /** The same for a key that a writer may leave out. */
    <T> Optional<T> ifPresent(String key, Function<JsonNode, T> reader) {
        return object.has(key) ? optional(key, reader) : Optional.empty();
    }

    Optional<String> optionalText(String key) {
        return optional(key, node -> text(node, key));
    }

    <T> List<T> list(String key, Function<JsonNode, T> reader) {
        JsonNode node = node(key);
        if (!node.isArray()) {
            throw new IllegalArgumentException("'" + key + "' is not a list");
        }
        List<T> values = new ArrayList<>();
        node.forEach(element -> values.add(reader.apply(element)));
        return values;
    }

    JsonNode object(String key) {
        JsonNode node = node(key);
        if (!node.isObject()) {
            throw new IllegalArgumentException("'" + key + "' is not an object");
        }
        return node;
    }

    /** One of an enum's words; another word is a format that this agent does not know. */
    <E extends Enum<E>> E word(String key, Class<E> words) {
        String text = text(key);
        for (E word : words.getEnumConstants()) {
            if (word(word).equals(text)) {
                return word;
            }
        }
        throw new UnknownWord(key + "=" + text);
    }

    /** The same for a key that is left out where there is nothing to say. */
    <E extends Enum<E>> Optional<E> wordIfPresent(String key, Class<E> words) {
        return object.has(key) ? Optional.of(word(key, words)) : Optional.empty();
    }

    /** A key that is left out where there is nothing to say. */
    Optional<String> textIfPresent(String key) {
        return object.has(key) ? Optional.of(text(key)) : Optional.empty();
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
