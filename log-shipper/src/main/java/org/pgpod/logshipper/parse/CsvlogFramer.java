package org.pgpod.logshipper.parse;

/**
 * Finds the records of csvlog, which may hold line ends within quotes. A record begins with {@link CsvHead}, is quoted
 * strictly, and has as many columns as a version of Postgres writes; its end is the first line end outside of quotes.
 *
 * <p>Where that does not hold, a server ended in the middle of a record and the next one went on in the same file: reading
 * takes up again at the last beginning of a record from which everything up to the contradiction is one. Without such a
 * beginning it takes up at the next line, or at the first beginning of a record within that.
 */
public final class CsvlogFramer implements Framer {
    /** Columns of 13, and of 14 to 18; 23 are those of 12 and earlier. */
    private static final int COLUMNS_13 = 24;

    static final int COLUMNS_MAX = 26;
    private static final int CANDIDATES_MAX = 1_000;

    private static final int BEGINNING = 0;
    private static final int FIELD = 1;
    private static final int PLAIN = 2;
    private static final int QUOTED = 3;
    private static final int QUOTE = 4;
    private static final int LOST = 5;
    private static final int MODE_BITS = 3;
    private static final int MODE_MASK = (1 << MODE_BITS) - 1;

    /** How a walk over bytes ended. */
    private enum Walk {
        OUT_OF_BYTES,
        RECORD_END,
        CONTRADICTION
    }

    private int mode;
    private int field;
    private int walkedTo;

    static boolean columnsOfSomeVersion(int columns) {
        return columns == COLUMNS_13 || columns == COLUMNS_MAX;
    }

    @Override
    public boolean find(Frame frame, byte[] bytes, int start, int at, int to, Rest rest) {
        mode = (int) frame.state() & MODE_MASK;
        field = (int) (frame.state() >>> MODE_BITS);
        if (mode == BEGINNING) {
            if (at < to && bytes[at] == '\n') {
                return frame.whole(at);
            }
            switch (CsvHead.match(bytes, at, to)) {
                case HEAD -> mode = FIELD;
                case OTHER -> mode = LOST;
                case UNDECIDED -> {
                    return frame.notYet(at, BEGINNING);
                }
            }
        }
        if (mode == LOST) {
            return findAgain(frame, bytes, start, at, to);
        }
        return switch (walk(bytes, at, to)) {
            case OUT_OF_BYTES -> frame.notYet(to, state());
            case CONTRADICTION -> afterContradiction(frame, bytes, start, to);
            case RECORD_END ->
                columnsOfSomeVersion(field + 1) ? frame.whole(walkedTo) : afterWrongEnd(frame, bytes, start, to);
        };
    }

    private long state() {
        return ((long) field << MODE_BITS) | mode;
    }

    /** Goes through columns strictly, from {@link #mode} and {@link #field}. */
    private Walk walk(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            byte here = bytes[at];
            if (mode == QUOTED) {
                while (here != '"' && ++at < to) {
                    here = bytes[at];
                }
                mode = at < to ? QUOTE : QUOTED;
            } else if (here == '\n') {
                walkedTo = at;
                return Walk.RECORD_END;
            } else if (here == ',') {
                mode = FIELD;
                field++;
            } else if (here == '"' && mode != PLAIN) {
                mode = QUOTED;
            } else {
                boolean allowed = mode != QUOTE && here != '"';
                mode = PLAIN;
                if (!allowed) {
                    walkedTo = at;
                    return Walk.CONTRADICTION;
                }
            }
            if (field >= COLUMNS_MAX) {
                walkedTo = at;
                return Walk.CONTRADICTION;
            }
        }
        walkedTo = to;
        return Walk.OUT_OF_BYTES;
    }

    private boolean afterContradiction(Frame frame, byte[] bytes, int start, int to) {
        int place = walkedTo;
        int candidates = 0;
        for (int at = place; at > start && candidates < CANDIDATES_MAX; at--) {
            if (!CsvHead.possible(bytes[at])) {
                continue;
            }
            CsvHead.Match match = CsvHead.match(bytes, at, to);
            if (match == CsvHead.Match.UNDECIDED) {
                mode = LOST;
                return frame.notYet(at, state());
            }
            if (match == CsvHead.Match.HEAD) {
                candidates++;
                if (walkFrom(bytes, at, place + 1) == Walk.OUT_OF_BYTES) {
                    return frame.torn(at, at);
                }
            }
        }
        return findAgain(frame, bytes, start, place, to);
    }

    /** A line end outside of quotes that ends no record: another may begin before it, and end there or hold it. */
    private boolean afterWrongEnd(Frame frame, byte[] bytes, int start, int to) {
        int end = walkedTo;
        int candidates = 0;
        for (int at = end - 1; at > start && candidates < CANDIDATES_MAX; at--) {
            if (CsvHead.possible(bytes[at]) && CsvHead.match(bytes, at, to) == CsvHead.Match.HEAD) {
                candidates++;
                boolean one = switch (walkFrom(bytes, at, end + 1)) {
                    case CONTRADICTION -> false;
                    case RECORD_END -> walkedTo == end && columnsOfSomeVersion(field + 1);
                    case OUT_OF_BYTES -> true;
                };
                if (one) {
                    return frame.torn(at, at);
                }
            }
        }
        return frame.torn(end, end + 1);
    }

    private Walk walkFrom(byte[] bytes, int from, int to) {
        mode = FIELD;
        field = 0;
        return walk(bytes, from, to);
    }

    /** Takes up at the next line, or at a beginning before it. */
    private boolean findAgain(Frame frame, byte[] bytes, int start, int from, int to) {
        mode = LOST;
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\n') {
                return frame.torn(at, at + 1);
            }
            if (at > start && CsvHead.possible(bytes[at])) {
                CsvHead.Match match = CsvHead.match(bytes, at, to);
                if (match == CsvHead.Match.HEAD) {
                    return frame.torn(at, at);
                }
                if (match == CsvHead.Match.UNDECIDED) {
                    return frame.notYet(at, state());
                }
            }
        }
        return frame.notYet(to, state());
    }
}
