package org.pgpod.logshipper.parse;

/** Finds where records end in a format. */
public interface Framer {
    /** How many bytes before the place where it looks on a framer may look at again. */
    int LOOK_BACK_BYTES = 4_096;

    /** Whether more bytes may belong to the record that the last line is of. */
    enum Rest {
        MAY_FOLLOW,
        /** The file has not grown for a while: what could belong to the record would be there. */
        IS_THERE
    }

    /**
     * Looks for the end of the record that {@code frame} stands in; when there is none, the frame says where to look on.
     *
     * @param start where the record begins, or what is at hand of it
     * @param at where to look from; {@code start} unless the beginning was looked at before
     * @param to the end of the bytes
     */
    boolean find(Frame frame, byte[] bytes, int start, int at, int to, Rest rest);

    /** One line is one record: plain lines, and JSON lines, where a line end inside a value is escaped. */
    static Framer lines() {
        return Framer::line;
    }

    private static boolean line(Frame frame, byte[] bytes, int start, int at, int to, Rest rest) {
        int end = lineEnd(bytes, at, to);
        return end < to ? frame.whole(end) : frame.notYet(to, frame.state());
    }

    /** The index of the first line end, or {@code to}. */
    static int lineEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != '\n') {
            at++;
        }
        return at;
    }
}
