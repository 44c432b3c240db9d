package org.pgpod.logshipper.model;

import java.util.Optional;

/**
 * Where the logs come from.
 *
 * @param id the UUID kept beside the logs, 36 characters; it outlives the pod
 */
public record Source(
        String cluster, String namespace, String pod, Optional<String> node, Optional<String> zone, String id) {
    private static final String UUID_FORM = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    public Source {
        if (!isId(id)) {
            throw new IllegalArgumentException("a source id is a UUID in lower case");
        }
    }

    public static boolean isId(String text) {
        return text.matches(UUID_FORM);
    }
}
