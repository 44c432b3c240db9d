package org.pgpod.logshipper.parse;

/** Finds where records end in a format. */
public interface Framer {
    /** No record ends in the bytes that were looked at. */
    int NONE = -1;

    /** The index of the line end that ends the record which contains {@code from}, or {@link #NONE}. */
    int end(byte[] bytes, int from, int to);

    /** One line is one record: true for JSON lines, where a line end inside a value is escaped, and for plain lines. */
    static Framer lines() {
        return Framer::lineEnd;
    }

    private static int lineEnd(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\n') {
                return at;
            }
        }
        return NONE;
    }
}
