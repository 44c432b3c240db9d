package org.pgpod.haagent.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A libpq connection string of keywords and values, quoted so that no value can end early. */
public record ConnectionString(Map<String, String> keywords) {
    public ConnectionString {
        keywords = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(keywords));
    }

    public ConnectionString() {
        this(Map.of());
    }

    public ConnectionString with(String keyword, String value) {
        Map<String, String> more = new LinkedHashMap<>(keywords);
        more.put(keyword, value);
        return new ConnectionString(more);
    }

    @Override
    public String toString() {
        return keywords.entrySet().stream()
                .map(pair -> pair.getKey() + "=" + quoted(pair.getValue()))
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String value) {
        return value.matches("[A-Za-z0-9._:/-]+")
                ? value
                : "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
