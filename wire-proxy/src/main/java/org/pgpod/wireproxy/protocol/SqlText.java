package org.pgpod.wireproxy.protocol;

import java.nio.charset.StandardCharsets;
import org.pgpod.core.postgres.NormalizedSql;

/**
 * The text of one statement as the client sent it, literals included: it must not leave the process before they are
 * removed. Of a long text only the beginning and the end are there.
 */
public final class SqlText {
    /** How many of the first bytes are kept. */
    public static final int HEAD_BYTES_MAX = 4_096;
    /** How many of the last bytes are kept of a longer text: the comment with a trace's parent may stand there. */
    public static final int TAIL_BYTES_MAX = 512;

    private final byte[] head;
    private final byte[] tail;

    /** Takes both arrays over; the tail is empty when the head is all of the text. */
    SqlText(byte[] head, byte[] tail) {
        this.head = head;
        this.tail = tail;
    }

    /** A text with its end, as if it had just come from a client. */
    public static SqlText of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int headBytes = Math.min(bytes.length, HEAD_BYTES_MAX);
        int tailBytes = Math.min(bytes.length - headBytes, TAIL_BYTES_MAX);
        return new SqlText(
                java.util.Arrays.copyOf(bytes, headBytes),
                java.util.Arrays.copyOfRange(bytes, bytes.length - tailBytes, bytes.length));
    }

    /** Whether there is more of it than the head. */
    public boolean isCut() {
        return tail.length > 0;
    }

    /** How many bytes it keeps in memory. */
    public int bytes() {
        return head.length + tail.length;
    }

    public String headText() {
        return new String(head, StandardCharsets.UTF_8);
    }

    public String tailText() {
        return new String(tail, StandardCharsets.UTF_8);
    }

    /** The text without its literals, which may be told; " ..." stands for what is not in the head. */
    public String normalized() {
        String normalized = NormalizedSql.of(headText());
        return isCut() ? normalized + " ..." : normalized;
    }

    /** Says nothing of the text, which may hold secrets. */
    @Override
    public String toString() {
        return "SqlText[" + head.length + " bytes" + (isCut() ? " and more]" : "]");
    }
}
