package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Messages that the proxy itself sends while server connections are shared, see the manual's chapter "Message Formats". */
public final class ExtendedMessages {
    private static final int LENGTH_BYTES = 4;
    private static final byte STATEMENT = 'S';
    private static final byte IDLE = 'I';

    private ExtendedMessages() {}

    public static ByteBuf query(ByteBufAllocator allocator, String sql) {
        return end(text(begin(allocator, Frontend.QUERY, sql.length()), sql));
    }

    /** A Parse message with another name before the given body. */
    public static ByteBuf parse(ByteBufAllocator allocator, String name, byte[] body) {
        return end(text(begin(allocator, Frontend.PARSE, name.length() + body.length), name)
                .writeBytes(body));
    }

    public static ByteBuf describeStatement(ByteBufAllocator allocator, String name) {
        return end(text(begin(allocator, Frontend.DESCRIBE, name.length()).writeByte(STATEMENT), name));
    }

    public static ByteBuf closeStatement(ByteBufAllocator allocator, String name) {
        return end(text(begin(allocator, Frontend.CLOSE, name.length()).writeByte(STATEMENT), name));
    }

    /**
     * The beginning of a Bind message with another name of the statement.
     *
     * @param portal the name of the portal with its zero byte
     * @param restBytes how long what follows the name is
     */
    public static ByteBuf bindHead(ByteBufAllocator allocator, ByteBuf portal, String name, long restBytes) {
        long length = LENGTH_BYTES + portal.readableBytes() + name.length() + 1L + restBytes;
        ByteBuf head = begin(allocator, Frontend.BIND, portal.readableBytes() + name.length());
        text(head.writeBytes(portal), name);
        return head.setInt(1, Math.toIntExact(length));
    }

    public static ByteBuf parseComplete(ByteBufAllocator allocator) {
        return end(begin(allocator, (byte) '1', 0));
    }

    public static ByteBuf closeComplete(ByteBufAllocator allocator) {
        return end(begin(allocator, (byte) '3', 0));
    }

    /** A notice that goes on, with this SQLSTATE. */
    public static ByteBuf notice(ByteBufAllocator allocator, String sqlState, String message) {
        ByteBuf buffer = begin(allocator, Backend.NOTICE_RESPONSE, message.length());
        text(text(text(text(buffer, "SNOTICE"), "VNOTICE"), "C" + sqlState), "M" + message);
        return end(buffer.writeByte(0));
    }

    /** What follows AuthenticationSASLFinal: the client is admitted, the settings, its key, and ReadyForQuery. */
    public static ByteBuf welcome(ByteBufAllocator allocator, Map<String, String> settings, long key) {
        ByteBuf buffer = allocator.buffer(512);
        buffer.writeByte(Backend.AUTHENTICATION)
                .writeInt(LENGTH_BYTES + LENGTH_BYTES)
                .writeInt(0);
        settings.forEach((name, value) -> {
            buffer.writeByte('S').writeInt(LENGTH_BYTES + name.length() + value.length() + 2);
            text(text(buffer, name), value);
        });
        buffer.writeByte('K').writeInt(LENGTH_BYTES + Long.BYTES).writeLong(key);
        return buffer.writeByte(Backend.READY_FOR_QUERY)
                .writeInt(LENGTH_BYTES + 1)
                .writeByte(IDLE);
    }

    /** The version that is spoken instead of a newer minor one, and the protocol options that are not known. */
    public static ByteBuf negotiateVersion(ByteBufAllocator allocator, int version, Iterable<String> unknown) {
        ByteBuf buffer = begin(allocator, (byte) 'v', 64).writeInt(version).writeInt(0);
        int count = 0;
        for (String option : unknown) {
            text(buffer, option);
            count++;
        }
        buffer.setInt(1 + LENGTH_BYTES + Integer.BYTES, count);
        return end(buffer);
    }

    /** The text that a message consists of, or its first text. */
    public static String text(ByteBuf message) {
        int from = message.readerIndex() + 1 + LENGTH_BYTES;
        int zero = message.indexOf(from, message.writerIndex(), (byte) 0);
        return zero < 0 ? "" : message.toString(from, zero - from, StandardCharsets.ISO_8859_1);
    }

    /** The same in UTF-8, without the zero byte at its end. */
    public static String utf8(ByteBuf message) {
        return new String(text(message).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static ByteBuf begin(ByteBufAllocator allocator, byte type, int textBytes) {
        return allocator.buffer(textBytes + 32).writeByte(type).writeInt(0);
    }

    private static ByteBuf text(ByteBuf buffer, String text) {
        buffer.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        return buffer.writeByte(0);
    }

    private static ByteBuf end(ByteBuf buffer) {
        return buffer.setInt(1, buffer.readableBytes() - 1);
    }
}
