package org.pgpod.logshipper.parse;

/** Reads decimal numbers from bytes without allocating. */
final class Decimal {
    /** Not a number that a long can hold; the one number that looks the same counts as none. */
    static final long NONE = Long.MIN_VALUE;

    private Decimal() {}

    /** The number that all these bytes are, or {@link #NONE}. */
    static long parse(byte[] bytes, int from, int length) {
        boolean negative = length > 0 && bytes[from] == '-';
        int at = negative ? from + 1 : from;
        int to = from + length;
        if (at == to) {
            return NONE;
        }
        long value = 0;
        for (; at < to; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return NONE;
            }
            value = value * 10 + digit;
        }
        return negative ? -value : value;
    }
}
