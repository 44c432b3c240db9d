package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * What may stand at the beginning of a connection, before messages have type bytes. Lengths and layout are judged as
 * Postgres judges them; nothing is consumed from the buffer, and nothing beyond the packet is looked at.
 *
 * <p>Source: the manual's chapter "Message Formats" (StartupMessage, SSLRequest, GSSENCRequest, CancelRequest) and
 * {@code ProcessStartupPacket} of the server.
 */
public sealed interface FirstPacket {
    /** The longest first packet, its length field included. */
    int LENGTH_MAX = 10_004;

    /** A length field and a code. */
    int LENGTH_MIN = 8;

    /** What a TLS handshake record begins with: as a length field it would be far too long, so the two cannot be confused. */
    byte TLS_HANDSHAKE = 0x16;

    /** Code and backend key: a key has 1 to 256 bytes, and 4 before protocol 3.2. */
    int CANCEL_LENGTH_MIN = 13;

    int CANCEL_LENGTH_MAX = 268;

    /** More bytes are needed. */
    record Incomplete() implements FirstPacket {}

    /** A length that no first packet has; Postgres closes without an answer. */
    record Senseless() implements FirstPacket {}

    /** A packet that Postgres answers with an error. */
    record Wrong(FatalError error) implements FirstPacket {}

    /** The client asks for TLS; one byte answers. */
    record TlsRequest() implements FirstPacket {}

    /** The client asks for GSSAPI encryption; one byte answers. */
    record GssRequest() implements FirstPacket {}

    /** Cancels the statement of another connection; the packet is passed on as it is. */
    record Cancel(int length) implements FirstPacket {}

    /** Begins a session; the packet is passed on as it is. */
    record Startup(StartupMessage message, int length) implements FirstPacket {}

    /** Reads the packet at the buffer's reader index. */
    static FirstPacket read(ByteBuf buffer) {
        if (buffer.readableBytes() < 4) {
            return new Incomplete();
        }
        int start = buffer.readerIndex();
        int length = buffer.getInt(start);
        if (length < LENGTH_MIN || length > LENGTH_MAX) {
            return new Senseless();
        }
        if (buffer.readableBytes() < length) {
            return new Incomplete();
        }
        int code = buffer.getInt(start + 4);
        return switch (code) {
            case Codes.TLS_REQUEST -> length == LENGTH_MIN ? new TlsRequest() : new Senseless();
            case Codes.GSS_REQUEST -> length == LENGTH_MIN ? new GssRequest() : new Senseless();
            case Codes.CANCEL_REQUEST ->
                length < CANCEL_LENGTH_MIN || length > CANCEL_LENGTH_MAX ? new Senseless() : new Cancel(length);
            default -> startup(buffer, start, length, code);
        };
    }

    private static FirstPacket startup(ByteBuf buffer, int start, int length, int version) {
        if (version >>> 16 != Codes.PROTOCOL_MAJOR) {
            return new Wrong(FatalError.unsupportedProtocol(version));
        }
        return parameters(buffer, start, length, version);
    }

    private static FirstPacket parameters(ByteBuf buffer, int start, int length, int version) {
        int end = start + length;
        int name = start + LENGTH_MIN;
        String user = "";
        String database = "";
        String replication = "";
        while (name < end && buffer.getByte(name) != 0) {
            int value = afterText(buffer, name, end);
            if (value >= end) {
                break;
            }
            int next = afterText(buffer, value, end);
            String parameter = text(buffer, name, value);
            if (parameter.equals("user") || parameter.equals("replication")) {
                boolean repeated = !(parameter.equals("user") ? user : replication).isEmpty();
                if (repeated) {
                    // Postgres takes the last one; which one a rule of this proxy was about must not be in doubt.
                    return new Wrong(FatalError.protocolViolation(
                            "invalid startup packet: parameter \"" + parameter + "\" given twice"));
                }
                if (parameter.equals("user")) {
                    user = text(buffer, value, next);
                } else {
                    replication = text(buffer, value, next);
                }
            }
            if (parameter.equals("database")) {
                database = text(buffer, value, next);
            }
            name = next;
        }
        if (name != end - 1) {
            return new Wrong(
                    FatalError.protocolViolation("invalid startup packet layout: expected terminator as last byte"));
        }
        return new Startup(
                new StartupMessage(version, user, database.isEmpty() ? user : database, Replication.of(replication)),
                length);
    }

    /** The index behind the zero byte that ends the text at {@code from}, or behind {@code end} when there is none. */
    private static int afterText(ByteBuf buffer, int from, int end) {
        int zero = buffer.indexOf(from, end, (byte) 0);
        return zero < 0 ? end + 1 : zero + 1;
    }

    private static String text(ByteBuf buffer, int from, int afterZero) {
        return buffer.toString(from, afterZero - 1 - from, StandardCharsets.UTF_8);
    }

    /** Codes in place of a protocol version. */
    final class Codes {
        static final int PROTOCOL_MAJOR = 3;
        static final int CANCEL_REQUEST = 80877102;
        static final int TLS_REQUEST = 80877103;
        static final int GSS_REQUEST = 80877104;

        private Codes() {}
    }
}
