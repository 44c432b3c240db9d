package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * What a cancel request must name.
 *
 * @param bytes the body of BackendKeyData, process id and secret; not counted, may be read at will by its slices
 */
record BackendKey(ByteBuf bytes) {
    BackendKey {
        bytes = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(bytes).asReadOnly());
    }

    /** The process that serves the connection. */
    int processId() {
        return bytes.getInt(bytes.readerIndex());
    }

    @Override
    public String toString() {
        return "BackendKey[hidden]";
    }
}
