package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Follows the boundaries of messages through a stream that arrives in arbitrary chunks. Nothing is copied or allocated:
 * of each message only the five bytes of type and length are read, and the body of those few that a subclass asks for.
 */
abstract class MessageWalker {
    static final int HEADER_BYTES = 5;
    private static final int LENGTH_BYTES = 4;

    private int headerBytes;
    private byte type;
    private int length;
    private int remaining;
    private boolean inspected;
    private boolean lost;
    private boolean stopped;

    /**
     * Walks over the readable bytes, which stay readable, and returns how many messages began in them. Once a length
     * makes no sense the walker is {@link #lost}. Where a subclass has stopped it, the rest is cut off the buffer.
     */
    public final int walk(ByteBuf buffer) {
        int index = buffer.readerIndex();
        int end = buffer.writerIndex();
        int messages = 0;
        while (index < end && !lost && !stopped) {
            if (remaining > 0) {
                int part = Math.min(remaining, end - index);
                if (inspected) {
                    body(buffer, index, part);
                }
                index += part;
                remaining -= part;
                endIfComplete();
                continue;
            }
            if (headerBytes == 0 && end - index >= HEADER_BYTES) {
                type = buffer.getByte(index);
                length = buffer.getInt(index + 1);
                index += HEADER_BYTES;
            } else if (!completesHeader(buffer.getByte(index++))) {
                continue;
            }
            messages++;
            begin();
        }
        if (stopped) {
            buffer.writerIndex(index);
        }
        return messages;
    }

    /** Takes one byte of a header that is cut in two; true with the last one. */
    private boolean completesHeader(byte next) {
        if (headerBytes == 0) {
            type = next;
            length = 0;
        } else {
            length = (length << 8) | (next & 0xff);
        }
        headerBytes++;
        if (headerBytes < HEADER_BYTES) {
            return false;
        }
        headerBytes = 0;
        return true;
    }

    private void begin() {
        if (length < LENGTH_BYTES) {
            lost = true;
            return;
        }
        remaining = length - LENGTH_BYTES;
        inspected = begun(type);
        endIfComplete();
    }

    private void endIfComplete() {
        if (remaining == 0 && inspected) {
            inspected = false;
            ended(type);
        }
    }

    /** Whether the stream stands between two messages. */
    public final boolean atBoundary() {
        return remaining == 0 && headerBytes == 0 && !lost;
    }

    /** How many bytes of a message that is not yet complete have been walked over; 0 between two messages. */
    final int unfinishedBytes() {
        return headerBytes > 0 || remaining == 0 ? headerBytes : HEADER_BYTES + bodyBytes() - remaining;
    }

    /** The type of the message that began last. */
    final byte type() {
        return type;
    }

    /** How long the body of the message is whose header was read last. */
    final int bodyBytes() {
        return length - LENGTH_BYTES;
    }

    /** Whether all of the header of the message that began last was read. */
    final boolean headerComplete() {
        return headerBytes == 0;
    }

    /** Walks no further, for good; called when a message ends. */
    final void stop() {
        stopped = true;
    }

    /** Whether a subclass has stopped this walker, which then stands behind the message that made it stop. */
    public final boolean stopped() {
        return stopped;
    }

    /** Whether a length made no sense, after which boundaries are unknown for good. */
    public final boolean lost() {
        return lost;
    }

    /** A message of this type begins; true when its body is to be seen. */
    abstract boolean begun(byte messageType);

    /** A part of the body of an inspected message. */
    abstract void body(ByteBuf buffer, int index, int bytes);

    /** An inspected message is complete. */
    abstract void ended(byte messageType);
}
