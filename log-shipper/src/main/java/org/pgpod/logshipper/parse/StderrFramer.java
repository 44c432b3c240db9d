package org.pgpod.logshipper.parse;

import org.pgpod.logshipper.parse.LinePrefix.Kind;

/**
 * Finds the records of Postgres's standard error: the line that begins one, the lines that continue a text, which begin
 * with a tab, and the lines with its other parts. The logging collector writes them together. A record ends where a line
 * begins that is none of these, or where the file has come to rest. Any other line is one for itself.
 *
 * <p>The collector writes records of csvlog here too, as they stand, as long as it has no file for them.
 */
final class StderrFramer implements Framer {
    private static final int BEGINNING = 0;
    private static final int LINE_OF_RECORD = 1;
    private static final int WITHIN_LINE_OF_RECORD = 2;
    private static final int WITHIN_OTHER_LINE = 3;
    /** States from here on are those of csvlog. */
    private static final int CSVLOG = 16;

    private final CsvlogFramer csvlog = new CsvlogFramer();
    private final LinePrefix prefix;
    private final PrefixFit fit;

    StderrFramer(LinePrefix prefix, PrefixFit fit) {
        this.prefix = prefix;
        this.fit = fit;
    }

    @Override
    public boolean find(Frame frame, byte[] bytes, int start, int at, int to, Rest rest) {
        int place = at;
        int state = (int) frame.state();
        while (true) {
            if (state >= CSVLOG) {
                return findCsvlog(frame, bytes, start, place, to, rest);
            }
            if (state == BEGINNING || state == LINE_OF_RECORD) {
                boolean decided = decided(bytes, place, to);
                if (!decided && (state == BEGINNING || rest == Rest.MAY_FOLLOW)) {
                    return frame.notYet(place, state);
                }
                if (state == BEGINNING && CsvHead.match(bytes, place, to) == CsvHead.Match.HEAD) {
                    frame.resume(CSVLOG);
                    return findCsvlog(frame, bytes, start, place, to, rest);
                }
                boolean ofRecord = decided && ofRecord(state, kind(state, bytes, place, to));
                if (!ofRecord && state == LINE_OF_RECORD) {
                    return frame.whole(place - 1);
                }
                state = ofRecord ? WITHIN_LINE_OF_RECORD : WITHIN_OTHER_LINE;
            }
            int end = Framer.lineEnd(bytes, place, to);
            if (end == to) {
                return frame.notYet(to, state);
            }
            if (state == WITHIN_OTHER_LINE) {
                return frame.whole(end);
            }
            state = LINE_OF_RECORD;
            place = end + 1;
        }
    }

    private Kind kind(int state, byte[] bytes, int from, int to) {
        Kind kind = prefix.kind(bytes, from, to);
        if (state == BEGINNING && kind == Kind.HEAD) {
            fit.matched();
        } else if (state == BEGINNING && kind == Kind.OTHER && !JsonlogFramer.beginsAt(bytes, from, to)) {
            fit.unmatched(prefix.characters(bytes, from, Framer.lineEnd(bytes, from, to)));
        }
        return kind;
    }

    private boolean findCsvlog(Frame frame, byte[] bytes, int start, int at, int to, Rest rest) {
        frame.resume(frame.state() - CSVLOG);
        return csvlog.find(frame, bytes, start, at, to, rest) || frame.notYet(frame.lookedTo(), frame.state() + CSVLOG);
    }

    /** Whether enough of a line is there to tell what it is. */
    private static boolean decided(byte[] bytes, int from, int to) {
        if (to - from >= LinePrefix.BYTES_MAX) {
            return true;
        }
        return from < to && (bytes[from] == '\t' || Framer.lineEnd(bytes, from, to) < to);
    }

    private static boolean ofRecord(int state, Kind kind) {
        return switch (kind) {
            case HEAD -> state == BEGINNING;
            case PART, CONTINUATION -> state == LINE_OF_RECORD;
            case OTHER -> false;
        };
    }
}
