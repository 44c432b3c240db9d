package org.pgpod.logshipper.parse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds the records of jsonlog: one a line, each beginning with the key {@code timestamp}. That beginning cannot stand
 * within a whole record, because quotes in values are escaped: where it stands again in a line, a server that ended in the
 * middle of a record tore the first one, and the next server's first record follows on the same line.
 */
public final class JsonlogFramer implements Framer {
    private static final byte[] BEGINNING = "{\"timestamp\":\"".getBytes(StandardCharsets.US_ASCII);

    /** Whether a record begins here. */
    static boolean beginsAt(byte[] bytes, int from, int to) {
        return to - from >= BEGINNING.length
                && Arrays.equals(bytes, from, from + BEGINNING.length, BEGINNING, 0, BEGINNING.length);
    }

    @Override
    public boolean find(Frame frame, byte[] bytes, int start, int at, int to, Rest rest) {
        for (int i = at; i < to; i++) {
            byte here = bytes[i];
            if (here == '\n') {
                return frame.whole(i);
            }
            if (here == '{' && i > start) {
                int compared = Math.min(BEGINNING.length, to - i);
                if (Arrays.equals(bytes, i, i + compared, BEGINNING, 0, compared)) {
                    return compared == BEGINNING.length ? frame.torn(i, i) : frame.notYet(i, frame.state());
                }
            }
        }
        return frame.notYet(to, frame.state());
    }
}
