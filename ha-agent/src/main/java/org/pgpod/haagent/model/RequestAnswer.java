package org.pgpod.haagent.model;

/** What became of a {@link Request}. */
public sealed interface RequestAnswer {
    /** It is still being worked on. */
    record Running(String what) implements RequestAnswer {}

    /** It was carried out. */
    record Done(String what) implements RequestAnswer {}

    /** It was not begun, and nothing was changed. */
    record Refused(String why) implements RequestAnswer {}

    /** It was begun and given up; the cluster was brought back into a safe state. */
    record Failed(String why) implements RequestAnswer {}
}
