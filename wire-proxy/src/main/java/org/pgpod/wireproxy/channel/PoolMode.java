package org.pgpod.wireproxy.channel;

/** For how long a client keeps a server connection. */
public enum PoolMode {
    /** Until it leaves. */
    SESSION,
    /** Until its transaction ends. */
    TRANSACTION
}
