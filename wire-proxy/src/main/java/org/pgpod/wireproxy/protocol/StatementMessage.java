package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The names and the text at the beginning of a Query, Parse, Bind, Execute or Close that may arrive in parts. What it keeps
 * is bounded whatever length the client claims: memory grows with the bytes that came, not with those announced.
 */
final class StatementMessage {
    /** Names are identifiers of 63 bytes; a longer one is taken for another that begins alike. */
    private static final int NAME_BYTES_MAX = 256;

    private static final byte STATEMENT = 'S';
    private static final byte[] NOTHING = {};
    private static final int FIRST_BYTES = 256;

    private final byte[][] names = {new byte[NAME_BYTES_MAX], new byte[NAME_BYTES_MAX]};
    private final int[] nameBytes = new int[2];
    /** How many names stand before the rest, and which one is being read. */
    private int namesWanted;

    private int namesRead;
    private boolean kindWanted;
    private byte kind;
    private boolean hasText;

    private byte[] head = NOTHING;
    private int headBytes;
    /** The last bytes of the text, a ring. */
    private byte[] tail = NOTHING;

    private long textBytes;
    private boolean textEnded;

    /** A message of this type begins. */
    void begin(byte type, int bodyBytes) {
        namesWanted = switch (type) {
            case Frontend.QUERY -> 0;
            case Frontend.BIND -> 2;
            default -> 1;
        };
        namesRead = 0;
        Arrays.fill(nameBytes, 0);
        kindWanted = type == Frontend.CLOSE;
        kind = 0;
        hasText = type == Frontend.QUERY || type == Frontend.PARSE;
        headBytes = 0;
        textBytes = 0;
        textEnded = false;
        head = hasText ? new byte[Math.min(bodyBytes, FIRST_BYTES)] : NOTHING;
    }

    void read(ByteBuf buffer, int index, int bytes) {
        int at = index;
        int end = index + bytes;
        while (at < end && (kindWanted || namesRead < namesWanted)) {
            header(buffer.getByte(at++));
        }
        if (hasText && !textEnded && at < end) {
            int zero = buffer.indexOf(at, end, (byte) 0);
            textEnded = zero >= 0;
            text(buffer, at, (textEnded ? zero : end) - at);
        }
    }

    private void header(byte next) {
        if (kindWanted) {
            kind = next;
            kindWanted = false;
        } else if (next == 0) {
            namesRead++;
        } else if (nameBytes[namesRead] < NAME_BYTES_MAX) {
            names[namesRead][nameBytes[namesRead]++] = next;
        }
    }

    private void text(ByteBuf buffer, int index, int bytes) {
        int toHead = Math.min(bytes, SqlText.HEAD_BYTES_MAX - headBytes);
        if (toHead > 0) {
            if (headBytes + toHead > head.length) {
                head = Arrays.copyOf(
                        head, Math.min(SqlText.HEAD_BYTES_MAX, Math.max(2 * head.length, headBytes + toHead)));
            }
            buffer.getBytes(index, head, headBytes, toHead);
            headBytes += toHead;
        }
        int toTail = Math.min(bytes - toHead, SqlText.TAIL_BYTES_MAX);
        if (toTail > 0 && tail.length == 0) {
            tail = new byte[SqlText.TAIL_BYTES_MAX];
        }
        textBytes += bytes;
        for (int i = 0; i < toTail; i++) {
            long place = textBytes - toTail + i - SqlText.HEAD_BYTES_MAX;
            tail[(int) (place % SqlText.TAIL_BYTES_MAX)] = buffer.getByte(index + bytes - toTail + i);
        }
    }

    /** The text of a Query or Parse that is complete. */
    SqlText text() {
        long beyond = textBytes - headBytes;
        byte[] last = new byte[(int) Math.min(beyond, SqlText.TAIL_BYTES_MAX)];
        for (int i = 0; i < last.length; i++) {
            last[i] = tail[(int) ((beyond - last.length + i) % SqlText.TAIL_BYTES_MAX)];
        }
        return new SqlText(head.length == headBytes ? head : Arrays.copyOf(head, headBytes), last);
    }

    String name(int which) {
        return new String(names[which], 0, nameBytes[which], StandardCharsets.UTF_8);
    }

    boolean closesStatement() {
        return kind == STATEMENT;
    }

    /** Lets go of the text. */
    void forget() {
        head = NOTHING;
        tail = NOTHING;
    }
}
