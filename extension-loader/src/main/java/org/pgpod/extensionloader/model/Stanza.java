package org.pgpod.extensionloader.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One paragraph of Debian control data (deb822): fields by name, whatever their case.
 *
 * <p>Continuation lines are kept, separated by newlines, without their first blank.
 */
public final class Stanza {
    private final Map<String, String> fields;

    private Stanza(Map<String, String> fields) {
        this.fields = Map.copyOf(fields);
    }

    /** Reads every paragraph of {@code text}; comment lines ({@code #}) are skipped. */
    public static List<Stanza> parseAll(String text) {
        List<Stanza> stanzas = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (!line.isBlank()) {
                lines.add(line);
            } else if (!lines.isEmpty()) {
                parse(lines).ifPresent(stanzas::add);
                lines.clear();
            }
        }
        parse(lines).ifPresent(stanzas::add);
        return List.copyOf(stanzas);
    }

    /** Reads the lines of one paragraph; empty if they are all comments. */
    public static Optional<Stanza> parse(List<String> lines) {
        Map<String, String> fields = new LinkedHashMap<>();
        String name = "";
        StringBuilder value = new StringBuilder();
        for (String raw : lines) {
            String line = raw.endsWith("\r") ? raw.substring(0, raw.length() - 1) : raw;
            if (line.startsWith("#")) {
                continue;
            }
            if (line.startsWith(" ") || line.startsWith("\t")) {
                if (name.isEmpty()) {
                    throw new IllegalArgumentException("continuation line without a field: '" + shortened(line) + "'");
                }
                value.append('\n').append(line.substring(1).stripTrailing());
                continue;
            }
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("neither a field nor a continuation: '" + shortened(line) + "'");
            }
            put(fields, name, value);
            name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            value.setLength(0);
            value.append(line.substring(colon + 1).strip());
        }
        put(fields, name, value);
        return fields.isEmpty() ? Optional.empty() : Optional.of(new Stanza(fields));
    }

    private static void put(Map<String, String> fields, String name, StringBuilder value) {
        if (!name.isEmpty() && fields.put(name, value.toString()) != null) {
            throw new IllegalArgumentException("field given twice: '" + shortened(name) + "'");
        }
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    /** The value of a field, empty if the paragraph lacks it. */
    public Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name.toLowerCase(Locale.ROOT)));
    }

    /** The value of a field that must be there. */
    public String required(String name) {
        return field(name).orElseThrow(() -> new IllegalArgumentException("field " + name + " is missing"));
    }

    /** The blank-separated words of a field, none if it is missing. */
    public List<String> words(String name) {
        return field(name)
                .map(value -> List.of(value.strip().split("\\s+")))
                .filter(words -> !words.getFirst().isEmpty())
                .orElse(List.of());
    }
}
