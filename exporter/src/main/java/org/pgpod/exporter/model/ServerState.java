package org.pgpod.exporter.model;

/** What the last attempt to read from the server showed. */
public sealed interface ServerState {
    /** Nothing was tried yet. */
    record Untried() implements ServerState {}

    /** Queries were answered, well or badly. */
    record Answering(Server server) implements ServerState {}

    /** No session could be had, or the one there was fell silent. */
    record Unreachable(String reason) implements ServerState {}
}
