package org.pgpod.haagent.model.port;

/** The result of changing the world by something idempotent. */
public sealed interface Effect {
    /** The world is now as wanted and was not before. */
    record Changed() implements Effect {}

    /** The world was already as wanted. */
    record Unchanged() implements Effect {}

    /** The world may or may not be as wanted. */
    record Failed(String reason) implements Effect {}

    default boolean succeeded() {
        return !(this instanceof Failed);
    }
}
