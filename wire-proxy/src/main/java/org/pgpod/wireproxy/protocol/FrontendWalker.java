package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;

/** Follows what a client sends after its startup packet and tells which types pass. */
public final class FrontendWalker extends MessageWalker {
    private final FrontendObserver observer;

    public FrontendWalker(FrontendObserver observer) {
        this.observer = observer;
    }

    @Override
    boolean begun(byte messageType) {
        observer.clientMessage(messageType);
        return false;
    }

    @Override
    void body(ByteBuf buffer, int index, int bytes) {
        throw new IllegalStateException("no body of a client is inspected");
    }

    @Override
    void ended(byte messageType) {
        throw new IllegalStateException("no body of a client is inspected");
    }
}
