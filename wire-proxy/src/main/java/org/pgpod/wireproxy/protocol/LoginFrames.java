package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Cuts whole messages out of a stream for as long as a login lasts, and keeps what follows. Holds one message of at most
 * the given length, besides what one read has brought.
 */
public final class LoginFrames {
    private static final int LENGTH_BYTES = 4;

    /** What stands at the beginning of the stream. */
    public sealed interface Frame {
        /** A message; its body may be read until the next call. */
        record Message(byte type, ByteBuf body) implements Frame {}

        /** A length that is below its minimum or above what is allowed here. */
        record Senseless() implements Frame {}

        /** More bytes are needed. */
        record Incomplete() implements Frame {}
    }

    private final int bodyBytesMax;
    private ByteBuf received = Unpooled.EMPTY_BUFFER;

    public LoginFrames(int bodyBytesMax) {
        this.bodyBytesMax = bodyBytesMax;
    }

    /** Takes over bytes that were read. */
    public void add(ByteBuf bytes) {
        if (!received.isReadable()) {
            received.release();
            received = bytes;
            return;
        }
        received.discardSomeReadBytes();
        if (received.maxWritableBytes() < bytes.readableBytes()) {
            // Not every buffer grows as far as one that was read from a socket.
            ByteBuf wider = bytes.alloc().buffer(received.readableBytes() + bytes.readableBytes());
            wider.writeBytes(received);
            received.release();
            received = wider;
        }
        received.writeBytes(bytes);
        bytes.release();
    }

    /** How many bytes are kept. */
    public int keptBytes() {
        return received.readableBytes();
    }

    /** The type of the next message, as soon as its first byte is there; -1 before. */
    public int nextType() {
        return received.isReadable() ? received.getByte(received.readerIndex()) : -1;
    }

    /** The next message, which is then behind the reader. */
    public Frame next() {
        if (received.readableBytes() < MessageWalker.HEADER_BYTES) {
            return new Frame.Incomplete();
        }
        int start = received.readerIndex();
        int length = received.getInt(start + 1);
        if (length < LENGTH_BYTES || length - LENGTH_BYTES > bodyBytesMax) {
            return new Frame.Senseless();
        }
        if (received.readableBytes() < 1 + length) {
            return new Frame.Incomplete();
        }
        received.skipBytes(MessageWalker.HEADER_BYTES);
        return new Frame.Message(received.getByte(start), received.readSlice(length - LENGTH_BYTES));
    }

    /** Hands over what follows the messages that were taken. */
    public ByteBuf remainder() {
        ByteBuf rest = received;
        received = Unpooled.EMPTY_BUFFER;
        return rest;
    }

    /** Forgets what is kept. */
    public void release() {
        remainder().release();
    }
}
