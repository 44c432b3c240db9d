package org.pgpod.haagent.model;

/** What a voter answers to a {@link PromiseRequest}. */
public sealed interface PromiseAnswer {
    /** For one lease duration from when it was asked, {@code voter} neither freezes nor votes. */
    record Promised(MemberName voter) implements PromiseAnswer {}

    /** It promises nothing. */
    record Refused(String why) implements PromiseAnswer {}
}
