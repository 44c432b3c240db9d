package org.pgpod.haagent.api;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What is asked in the query beside the path, such as {@code lag=16MB}. */
record Query(Map<String, String> values) {
    private static final String TAG = "tag_";

    static Query of(URI uri) {
        Map<String, String> values = new HashMap<>();
        String text = Optional.ofNullable(uri.getRawQuery()).orElse("");
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return new Query(values);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return text;
        }
    }

    Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** The tags that a member must have, by name. */
    Map<String, String> tags() {
        Map<String, String> tags = new HashMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(TAG)) {
                tags.put(name.substring(TAG.length()), value);
            }
        });
        return tags;
    }

    /** What is wrong with it; empty when nothing is. */
    Optional<String> problem() {
        if (value("lag").isPresent() && value("lag").flatMap(LagLimit::parse).isEmpty()) {
            return Optional.of("lag is '" + value("lag").get()
                    + "'; it must be a number of bytes, or one with a unit such as 16MB");
        }
        boolean mode = value("mode").isEmpty()
                || value("mode").filter("apply"::equals).isPresent()
                || value("mode").filter("write"::equals).isPresent();
        return mode
                ? Optional.empty()
                : Optional.of("mode is '" + value("mode").orElse("") + "'; it must be apply or write");
    }
}
