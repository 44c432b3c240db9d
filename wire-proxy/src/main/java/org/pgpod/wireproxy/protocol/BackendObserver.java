package org.pgpod.wireproxy.protocol;

/** Is told what Postgres sends, each after the whole message. */
public interface BackendObserver {
    /** Postgres has admitted the user. */
    void authenticated();

    /** A statement ended well. */
    void commandComplete(CommandTag tag);

    /** Postgres waits for the next statement, in this transaction status: {@code I}, {@code T} or {@code E}. */
    void readyForQuery(byte status);

    /** An error was reported, with this SQLSTATE as {@link SqlState#packed}. */
    void error(long sqlState, Severity severity);

    /** Postgres waits for the rows of a COPY, and from here on ignores what the client sent in order to synchronise. */
    void copyInStarted();

    /** A notice was reported. */
    void notice(Severity severity);

    /** A message came whose type the protocol does not have. */
    void unknownMessage();

    /** Postgres was asked to carry out an empty text. */
    default void emptyQuery() {}

    /** An Execute has reached the number of rows that it asked for, and its portal has more. */
    default void portalSuspended() {}

    /** The session's {@code application_name} is this from now on. */
    default void applicationName(String name) {}

    /** A notice said that a transaction is committed here, but was not confirmed by its synchronous standbys. */
    void commitUnresolved();
}
