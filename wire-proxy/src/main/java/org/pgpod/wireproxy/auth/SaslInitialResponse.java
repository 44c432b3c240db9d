package org.pgpod.wireproxy.auth;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.pgpod.wireproxy.protocol.FatalError;

/**
 * The client's choice of a mechanism, with its first message unless it waits to be asked for it.
 *
 * @param mechanism as the client wrote it
 * @param data one character for each byte
 */
record SaslInitialResponse(String mechanism, Optional<String> data) {
    private static final int NO_DATA = -1;

    /** Reads the body of the message; the error is that of Postgres. */
    static SaslInitialResponse read(ByteBuf body) throws ScramReader.MalformedException {
        int zero = body.bytesBefore((byte) 0);
        if (zero < 0) {
            throw violation("invalid string in message");
        }
        String mechanism =
                body.readCharSequence(zero, StandardCharsets.ISO_8859_1).toString();
        body.skipBytes(1);
        if (body.readableBytes() < Integer.BYTES) {
            throw violation("insufficient data left in message");
        }
        int length = body.readInt();
        if (length == NO_DATA) {
            return ended(body, new SaslInitialResponse(mechanism, Optional.empty()));
        }
        if (length < 0 || length > body.readableBytes()) {
            throw violation("insufficient data left in message");
        }
        String data = body.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
        return ended(body, new SaslInitialResponse(mechanism, Optional.of(data)));
    }

    private static SaslInitialResponse ended(ByteBuf body, SaslInitialResponse response)
            throws ScramReader.MalformedException {
        if (body.isReadable()) {
            throw violation("invalid message format");
        }
        return response;
    }

    private static ScramReader.MalformedException violation(String message) {
        return new ScramReader.MalformedException(new FatalError("08P01", message, "", ""));
    }
}
