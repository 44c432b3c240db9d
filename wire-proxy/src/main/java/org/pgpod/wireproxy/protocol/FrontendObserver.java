package org.pgpod.wireproxy.protocol;

/** Is told what a client sends. */
public interface FrontendObserver {
    /** A message with this type byte began. */
    void clientMessage(byte type);

    /** A Query was complete; called by a walker that captures texts only, like all that follow. */
    default void query(SqlText text) {}

    /** A Parse was complete, of the statement with this name, empty for the unnamed one. */
    default void parse(String statement, SqlText text) {}

    /** A Bind was complete: the portal now stands for the statement. */
    default void bind(String portal, String statement) {}

    /** An Execute of this portal was complete. */
    default void execute(String portal) {}

    /** A Close of this statement was complete. */
    default void closeStatement(String statement) {}
}
