package org.pgpod.logshipper.parse;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * How many of the last lines of standard error that look like the server's own begin with the prefix that is configured. Used
 * by one thread.
 */
public final class PrefixFit {
    private static final int LINES_MAX = Long.SIZE;
    private static final int LINES_MIN = 16;

    private static final Pattern LABEL =
            Pattern.compile("(?:DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC):  ");

    private long unmatched;
    private int lines;
    private int sampleLength = -1;

    void matched() {
        unmatched <<= 1;
        lines = Math.min(LINES_MAX, lines + 1);
    }

    /** Takes note of a line that does not begin with the prefix; it counts if it has a severity as the server writes it. */
    void unmatched(CharSequence line) {
        if (LABEL.matcher(line).find()) {
            unmatched = unmatched << 1 | 1;
            lines = Math.min(LINES_MAX, lines + 1);
            sampleLength = line.length();
        }
    }

    /** The share of the last lines that do not begin with the prefix; 0 before there are enough lines to tell. */
    public double unmatchedShare() {
        return lines < LINES_MIN ? 0 : (double) Long.bitCount(unmatched) / lines;
    }

    /** How many bytes the last such line has, at most as many as are looked at. */
    public OptionalInt sampleLength() {
        return sampleLength < 0 ? OptionalInt.empty() : OptionalInt.of(sampleLength);
    }
}
