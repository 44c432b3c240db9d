package org.pgpod.exporter.model;

import java.net.URI;
import java.util.Locale;

/** Another sidecar whose metrics are shown too, written {@code name=url}. */
public record MergeTarget(String name, URI url) {
    /** What the texts of targets look like, for error messages. */
    public static final String ALLOWED = "entries name=url, such as ha-agent=http://127.0.0.1:8008/metrics";

    /** Reads a target; throws {@link IllegalArgumentException} when the text is none. */
    public static MergeTarget parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 1 || !text.substring(0, equals).matches("[a-z0-9-]{1,63}")) {
            throw new IllegalArgumentException("no name");
        }
        URI url = URI.create(text.substring(equals + 1));
        if (!"http".equals(String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT)) || url.getHost() == null) {
            throw new IllegalArgumentException("not an http URL");
        }
        return new MergeTarget(text.substring(0, equals), url);
    }
}
