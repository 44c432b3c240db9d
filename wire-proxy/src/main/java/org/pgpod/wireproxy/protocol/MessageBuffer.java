package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * What has arrived of a stream of messages and is not used yet, seen from its first message. Bytes that arrive behind a
 * part of a message are copied to it, all others stay where they are.
 */
public final class MessageBuffer {
    public static final int HEADER_BYTES = 5;

    private static final int LENGTH_BYTES = 4;

    private final ByteBufAllocator allocator;
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;

    public MessageBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** Takes over more of the stream. */
    public void add(ByteBuf more) {
        if (!bytes.isReadable()) {
            bytes.release();
            bytes = more;
            return;
        }
        if (bytes.readerIndex() == 0) {
            // Grows by doubling, so that a message in many small parts is not copied again for each of them.
            bytes.writeBytes(more);
            more.release();
            return;
        }
        ByteBuf both = allocator.buffer(bytes.readableBytes() + more.readableBytes());
        both.writeBytes(bytes).writeBytes(more);
        bytes.release();
        more.release();
        bytes = both;
    }

    public int readableBytes() {
        return bytes.readableBytes();
    }

    /** Whether type and length of the first message are there. */
    public boolean hasHeader() {
        return bytes.readableBytes() >= HEADER_BYTES;
    }

    public byte type() {
        return bytes.getByte(bytes.readerIndex());
    }

    /** The bytes of the whole first message, its type included; 0 when its length makes no sense. */
    public long messageBytes() {
        int length = bytes.getInt(bytes.readerIndex() + 1);
        return length < LENGTH_BYTES ? 0 : length + 1L;
    }

    /** The buffer itself, whose reader index is at the first message. */
    public ByteBuf peek() {
        return bytes;
    }

    /** Takes that many bytes away. */
    public ByteBuf take(int count) {
        return bytes.readRetainedSlice(count);
    }

    public void skip(int count) {
        bytes.skipBytes(count);
    }

    public void release() {
        bytes.release();
        bytes = Unpooled.EMPTY_BUFFER;
    }
}
