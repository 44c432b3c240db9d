package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Reads a ParameterStatus, which may arrive in parts, and keeps its value if it is of {@code application_name}. */
final class ApplicationName {
    private static final byte[] NAME = "application_name\0".getBytes(StandardCharsets.US_ASCII);
    /** Postgres cuts the value at 63 bytes. */
    private static final int VALUE_BYTES_MAX = 64;

    private final byte[] value = new byte[VALUE_BYTES_MAX];
    /** How many bytes of the name have matched; less than 0 once one has not. */
    private int matched;

    private int length;
    private boolean ended;

    void reset() {
        matched = 0;
        length = 0;
        ended = false;
    }

    void read(ByteBuf buffer, int index, int bytes) {
        for (int i = index; i < index + bytes && matched >= 0 && !ended; i++) {
            byte next = buffer.getByte(i);
            if (matched < NAME.length) {
                matched = next == NAME[matched] ? matched + 1 : -1;
            } else if (next == 0 || length == VALUE_BYTES_MAX) {
                ended = true;
            } else {
                value[length++] = next;
            }
        }
    }

    boolean isApplicationName() {
        return matched == NAME.length;
    }

    String value() {
        return new String(value, 0, length, StandardCharsets.UTF_8);
    }
}
