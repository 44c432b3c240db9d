package org.pgpod.haagent.model;

import java.util.Optional;
import java.util.function.Function;
import org.pgpod.core.pod.KeyValueLine;

/** Reads the supervisor's one-line files, telling another version apart from a torn line. */
final class OneLine {
    private static final String NOTHING = "-";

    private OneLine() {}

    static <T> Parsed<T> read(String text, String versionKey, String version, Function<KeyValueLine, T> reader) {
        if (text.startsWith(versionKey + "=") && !text.startsWith(versionKey + "=" + version + " ")) {
            int end = text.indexOf(' ');
            return new Parsed.Unknown<>(end < 0 ? versionKey : text.substring(0, end));
        }
        Optional<KeyValueLine> line = KeyValueLine.parse(text, versionKey, version);
        if (line.isEmpty()) {
            return new Parsed.Malformed<>("torn or not a " + versionKey + " line");
        }
        try {
            return new Parsed.Valid<>(reader.apply(line.get()));
        } catch (IllegalArgumentException | ArithmeticException malformed) {
            return new Parsed.Malformed<>(String.valueOf(malformed.getMessage()));
        }
    }

    /** The value of a key that must be there; empty when it is {@code -} or has no characters. */
    static Optional<String> present(KeyValueLine line, String key) {
        String value = line.text(key);
        return value.isEmpty() || value.equals(NOTHING) ? Optional.empty() : Optional.of(value);
    }
}
