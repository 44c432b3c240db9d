package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * An ErrorResponse of severity FATAL that this proxy sends itself before it closes a connection, in the bytes that
 * Postgres would use.
 *
 * @param sqlState five characters, see the manual's appendix "PostgreSQL Error Codes"
 * @param message the primary message, in Postgres's words where it has some
 * @param detail a second sentence, empty for none
 * @param hint what to do, empty for none
 */
public record FatalError(String sqlState, String message, String detail, String hint) {
    private static final int SQL_STATE_LENGTH = 5;
    private static final String SEVERITY = "FATAL";

    public FatalError {
        if (sqlState.length() != SQL_STATE_LENGTH) {
            throw new IllegalArgumentException("an SQLSTATE has five characters, not '" + sqlState + "'");
        }
    }

    public static FatalError protocolViolation(String message) {
        return new FatalError("08P01", message, "", "");
    }

    static FatalError unsupportedProtocol(int code) {
        return new FatalError(
                "0A000",
                "unsupported frontend protocol " + (code >>> 16) + "." + (code & 0xffff)
                        + ": server supports 3.0 and later",
                "",
                "");
    }

    /** A request for encryption where none is possible any more, which Postgres takes for a protocol version. */
    public static FatalError encryptionAskedAgain(FirstPacket request) {
        return unsupportedProtocol(
                request instanceof FirstPacket.TlsRequest
                        ? FirstPacket.Codes.TLS_REQUEST
                        : FirstPacket.Codes.GSS_REQUEST);
    }

    /** The whole message. */
    public ByteBuf encode(ByteBufAllocator allocator) {
        ByteBuf buffer = begin(allocator);
        field(buffer, 'D', detail);
        return end(buffer);
    }

    /** Everything before the detail. */
    ByteBuf begin(ByteBufAllocator allocator) {
        ByteBuf buffer = allocator.buffer(256);
        buffer.writeByte(Backend.ERROR_RESPONSE);
        buffer.writeInt(0);
        field(buffer, 'S', SEVERITY);
        field(buffer, 'V', SEVERITY);
        field(buffer, 'C', sqlState);
        field(buffer, 'M', message);
        return buffer;
    }

    /** Everything behind the detail. */
    ByteBuf end(ByteBuf buffer) {
        field(buffer, 'H', hint);
        buffer.writeByte(0);
        buffer.setInt(1, buffer.readableBytes() - 1);
        return buffer;
    }

    private static void field(ByteBuf buffer, char type, String value) {
        if (!value.isEmpty()) {
            buffer.writeByte(type);
            buffer.writeCharSequence(value, StandardCharsets.UTF_8);
            buffer.writeByte(0);
        }
    }
}
