package org.pgpod.core.pod;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The one-line format of the files between containers: {@code key=value} pairs separated by single spaces, a version
 * first and the word {@code end} last, so that a torn line is never mistaken for a whole one.
 */
public final class KeyValueLine {
    /** Longer files are not read: the formats need a few hundred bytes. */
    public static final int LENGTH_MAX = 4_096;

    private static final String END = " end";

    private final Map<String, String> values;

    private KeyValueLine(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Splits a line whose first pair is {@code versionKey=version}; empty when the line is torn, of another version,
     * repeats a key, or is not of this format.
     */
    public static Optional<KeyValueLine> parse(String text, String versionKey, String version) {
        String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        if (line.length() > LENGTH_MAX || !line.endsWith(END) || line.indexOf('\n') >= 0) {
            return Optional.empty();
        }
        if (!line.startsWith(versionKey + "=" + version + " ")) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : line.substring(0, line.length() - END.length()).split(" ", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1 || values.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(new KeyValueLine(values));
    }

    /** The value of a key that must be there; an {@link IllegalArgumentException} names the missing key. */
    public String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("'" + key + "' is missing");
        }
        return value;
    }

    /** A whole number that must be there and must not be negative. */
    public long number(String key) {
        String value = text(key);
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Reported below with the key and the value.
        }
        throw new IllegalArgumentException("'" + key + "' is '" + value + "', which is not a whole number from 0");
    }
}
