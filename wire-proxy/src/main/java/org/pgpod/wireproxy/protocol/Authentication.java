package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The messages of authentication, see the manual's chapter "Message Formats". Texts have one character for each byte. */
public sealed interface Authentication {
    /** The user is admitted. */
    record Ok() implements Authentication {}

    /** SASL is asked for, by one of these mechanisms. */
    record Sasl(List<String> mechanisms) implements Authentication {}

    record SaslContinue(String data) implements Authentication {}

    record SaslFinal(String data) implements Authentication {}

    /** Another method, such as a password in clear (3) or MD5 (5). */
    record Other(int code) implements Authentication {}

    /** No message of authentication at all. */
    record Malformed() implements Authentication {}

    /** The numbers of the kinds. */
    final class Codes {
        private static final int OK = 0;
        private static final int SASL = 10;
        private static final int SASL_CONTINUE = 11;
        private static final int SASL_FINAL = 12;

        private Codes() {}
    }

    /** Reads the body of a message of type {@code R}. */
    static Authentication read(ByteBuf body) {
        if (body.readableBytes() < Integer.BYTES) {
            return new Malformed();
        }
        int code = body.readInt();
        return switch (code) {
            case Codes.OK -> new Ok();
            case Codes.SASL -> mechanisms(body);
            case Codes.SASL_CONTINUE -> new SaslContinue(text(body));
            case Codes.SASL_FINAL -> new SaslFinal(text(body));
            default -> new Other(code);
        };
    }

    private static Authentication mechanisms(ByteBuf body) {
        List<String> mechanisms = new ArrayList<>();
        int zero = body.bytesBefore((byte) 0);
        while (zero > 0) {
            mechanisms.add(
                    body.readCharSequence(zero, StandardCharsets.ISO_8859_1).toString());
            body.skipBytes(1);
            zero = body.bytesBefore((byte) 0);
        }
        return zero == 0 ? new Sasl(mechanisms) : new Malformed();
    }

    private static String text(ByteBuf body) {
        return body.readCharSequence(body.readableBytes(), StandardCharsets.ISO_8859_1)
                .toString();
    }

    /** AuthenticationOk, the whole message. */
    static byte[] okBytes() {
        return new byte[] {Backend.AUTHENTICATION, 0, 0, 0, 8, 0, 0, 0, Codes.OK};
    }

    /** AuthenticationSASL. */
    static ByteBuf sasl(ByteBufAllocator allocator, List<String> mechanisms) {
        ByteBuf buffer = begin(allocator, Codes.SASL);
        mechanisms.forEach(name -> text(buffer, name).writeByte(0));
        buffer.writeByte(0);
        return end(buffer);
    }

    /** AuthenticationSASLContinue. */
    static ByteBuf saslContinue(ByteBufAllocator allocator, String data) {
        return end(text(begin(allocator, Codes.SASL_CONTINUE), data));
    }

    /** AuthenticationSASLFinal. */
    static ByteBuf saslFinal(ByteBufAllocator allocator, String data) {
        return end(text(begin(allocator, Codes.SASL_FINAL), data));
    }

    /** SASLInitialResponse, of a client. */
    static ByteBuf initialResponse(ByteBufAllocator allocator, String mechanism, String data) {
        ByteBuf buffer = header(allocator, Frontend.AUTHENTICATION_ANSWER);
        text(buffer, mechanism).writeByte(0).writeInt(data.length());
        return end(text(buffer, data));
    }

    /** SASLResponse, of a client. */
    static ByteBuf response(ByteBufAllocator allocator, String data) {
        return end(text(header(allocator, Frontend.AUTHENTICATION_ANSWER), data));
    }

    private static ByteBuf begin(ByteBufAllocator allocator, int code) {
        return header(allocator, Backend.AUTHENTICATION).writeInt(code);
    }

    private static ByteBuf header(ByteBufAllocator allocator, byte type) {
        return allocator.buffer(256).writeByte(type).writeInt(0);
    }

    private static ByteBuf text(ByteBuf buffer, String text) {
        buffer.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        return buffer;
    }

    private static ByteBuf end(ByteBuf buffer) {
        return buffer.setInt(1, buffer.readableBytes() - 1);
    }
}
