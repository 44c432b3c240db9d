package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** What an ErrorResponse says, in one line for the log; a malformed one says so. */
public final class ErrorText {
    private static final int LENGTH_MAX = 300;

    private ErrorText() {}

    /** Of the whole message. */
    public static String ofMessage(ByteBuf message) {
        return ofBody(message.slice(
                message.readerIndex() + MessageWalker.HEADER_BYTES,
                message.readableBytes() - MessageWalker.HEADER_BYTES));
    }

    /** Of the message's body. */
    public static String ofBody(ByteBuf body) {
        String sqlState = "";
        String message = "";
        for (String field : body.toString(StandardCharsets.UTF_8).split("\0", -1)) {
            if (field.startsWith("C")) {
                sqlState = field.substring(1);
            } else if (field.startsWith("M")) {
                message = field.substring(1);
            }
        }
        String line = message.isEmpty() ? "an error without a message" : message;
        String whole = sqlState.isEmpty() ? line : line + " (" + sqlState + ")";
        return whole.substring(0, Math.min(whole.length(), LENGTH_MAX));
    }
}
