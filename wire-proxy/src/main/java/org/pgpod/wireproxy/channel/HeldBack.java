package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/**
 * What one client sent that its server has not got: the startup packet first, later what a hold keeps back. Confined to its
 * event loop.
 */
final class HeldBack {
    private final ArrayDeque<ByteBuf> parts = new ArrayDeque<>();
    private final WaitingBytes.Share waiting;
    private long bytes;
    private boolean fits = true;

    HeldBack(WaitingBytes waiting) {
        this.waiting = waiting.share();
    }

    /** Keeps this, whatever comes of it; false if all clients together have no room for it. */
    boolean add(ByteBuf part) {
        bytes += part.readableBytes();
        parts.add(part);
        fits = waiting.hold(bytes);
        return fits;
    }

    /** Whether there was room for what was added last. */
    boolean fits() {
        return fits;
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    /** The first part, which stays. */
    ByteBuf first() {
        return parts.element();
    }

    /** Gives the first part away. */
    ByteBuf remove() {
        ByteBuf part = parts.remove();
        bytes -= part.readableBytes();
        waiting.hold(bytes);
        return part;
    }

    void release() {
        while (!parts.isEmpty()) {
            remove().release();
        }
    }
}
