package org.pgpod.wireproxy.protocol;

/** Is told what a client sends. */
public interface FrontendObserver {
    /** A message with this type byte began. */
    void clientMessage(byte type);
}
