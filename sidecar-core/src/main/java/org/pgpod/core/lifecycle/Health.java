package org.pgpod.core.lifecycle;

import java.util.Map;

/**
 * What a sidecar says of itself.
 *
 * @param live false only when a restart of the process would help
 * @param ready whether the sidecar does its job now
 * @param details facts for people, shown by {@code /readyz}; never secrets
 */
public record Health(boolean live, boolean ready, Map<String, String> details) {
    public Health {
        details = Map.copyOf(details);
    }

    public static Health ready(Map<String, String> details) {
        return new Health(true, true, details);
    }

    public static Health notReady(String reason) {
        return new Health(true, false, Map.of("reason", reason));
    }
}
