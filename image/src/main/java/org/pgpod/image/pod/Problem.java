package org.pgpod.image.pod;

/**
 * One reason why an object cannot be injected, in a sentence that names the object, the field, what is there and what
 * is allowed.
 *
 * @param object kind and name, {@code StatefulSet/db}
 * @param field path from the object's root, {@code spec.template.spec.containers[0].env[PGDATA]}
 * @param reason what is wrong with the value and what is allowed
 */
public record Problem(String object, String field, String reason) {
    @Override
    public String toString() {
        return object + " " + field + ": " + reason;
    }
}
