package org.pgpod.extensionloader.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An extension that somebody wants: {@code name [version] [databases=a,b] [schema=s]}.
 *
 * @param name the name {@code CREATE EXTENSION} uses
 * @param version package version, or a leading part of its upstream version; empty means the newest at first sight
 * @param databases where to create it; empty means load it only
 * @param schema where its objects go unless the extension itself says so
 */
public record DesiredExtension(String name, Optional<String> version, List<String> databases, String schema) {
    /** The database in which an extension is created if none is named. */
    public static final String DEFAULT_DATABASE = "postgres";

    private static final String DEFAULT_SCHEMA = "public";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,62}");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9.+~:-]{1,128}");

    public DesiredExtension {
        databases = List.copyOf(databases);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not an extension name: '" + name + "'");
        }
        version.filter(v -> !VERSION.matcher(v).matches()).ifPresent(v -> {
            throw new IllegalArgumentException("not a version: '" + v + "'");
        });
    }

    /** Reads one entry of the desired list. */
    public static DesiredExtension parse(String entry) {
        String[] words = entry.strip().split("\\s+", -1);
        Optional<String> version = Optional.empty();
        List<String> databases = List.of(DEFAULT_DATABASE);
        String schema = DEFAULT_SCHEMA;
        for (int i = 1; i < words.length; i++) {
            String word = words[i];
            if (word.startsWith("databases=")) {
                databases = commaSeparated(word.substring("databases=".length()));
            } else if (word.startsWith("schema=")) {
                schema = word.substring("schema=".length());
            } else if (i == 1) {
                version = Optional.of(word);
            } else {
                throw new IllegalArgumentException(
                        "'" + word + "' in '" + entry + "': expected name [version] [databases=a,b] [schema=s]");
            }
        }
        return new DesiredExtension(words[0], version, databases, schema);
    }

    /**
     * The entries of {@code configured}, overridden and extended by the lines of {@code file}, in which {@code #} starts
     * a comment. A name counts once; the file wins.
     */
    public static List<DesiredExtension> merge(List<String> configured, String file) {
        Map<String, DesiredExtension> byName = new LinkedHashMap<>();
        List<String> entries = new ArrayList<>(configured);
        file.lines().map(line -> line.replaceFirst("#.*", "")).forEach(entries::add);
        for (String entry : entries) {
            if (!entry.isBlank()) {
                DesiredExtension desired = parse(entry);
                byName.put(desired.name(), desired);
            }
        }
        return List.copyOf(byName.values());
    }

    private static List<String> commaSeparated(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
    }

    @Override
    public String toString() {
        return name + version.map(v -> " " + v).orElse("");
    }
}
