package org.pgpod.haagent.model;

import java.util.Optional;

/**
 * Who may hold a Lease: one incarnation of a pod. The uid keeps a force-deleted pod and its successor of the same name
 * apart. The text form is {@code <pod>/<uid>}.
 */
public record Holder(String pod, String uid) {
    public Holder {
        if (pod.isEmpty() || uid.isEmpty() || pod.contains("/")) {
            throw new IllegalArgumentException("a holder is <pod>/<uid>, not '" + pod + "/" + uid + "'");
        }
    }

    /** Reads the text form; empty for a Lease that nobody holds and for an identity that is not ours. */
    public static Optional<Holder> parse(String identity) {
        int slash = identity.indexOf('/');
        return slash < 1 || slash == identity.length() - 1
                ? Optional.empty()
                : Optional.of(new Holder(identity.substring(0, slash), identity.substring(slash + 1)));
    }

    @Override
    public String toString() {
        return pod + "/" + uid;
    }
}
