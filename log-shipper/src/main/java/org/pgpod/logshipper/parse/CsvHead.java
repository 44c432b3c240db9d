package org.pgpod.logshipper.parse;

/**
 * Recognises the beginning of a record of csvlog by its first nine columns: time with milliseconds, user, database, process
 * id, address, session id, line number, command, session start. The columns are the same in every version.
 */
final class CsvHead {
    /** A longer beginning is none: names have 63 bytes, an address and a command few more. */
    static final int BYTES_MAX = 2_048;

    private static final String SECONDS = "dddd-dd-dd dd:dd:dd";
    private static final String MILLISECONDS = SECONDS + ".ddd";
    private static final int ZONE_LENGTH_MAX = 10;

    private CsvHead() {}

    /** What stands at a place. */
    enum Match {
        HEAD,
        OTHER,
        /** It may become one: the bytes end within it. */
        UNDECIDED
    }

    private static final int OTHER = -1;
    private static final int UNDECIDED = -2;

    static Match match(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + BYTES_MAX);
        int at = time(bytes, from, end, MILLISECONDS);
        at = quoted(bytes, at, end);
        at = quoted(bytes, at, end);
        at = digits(bytes, at, end, false);
        at = quoted(bytes, at, end);
        at = digits(bytes, at, end, true);
        at = digits(bytes, at, end, false);
        at = quoted(bytes, at, end);
        at = time(bytes, at, end, SECONDS);
        if (at >= 0) {
            return Match.HEAD;
        }
        return at == UNDECIDED && end == to ? Match.UNDECIDED : Match.OTHER;
    }

    /** Whether a beginning can be at a place at all, told by its first byte. */
    static boolean possible(byte first) {
        return first >= '0' && first <= '9';
    }

    /** A time with its zone and the comma behind it; returns where the next column begins. */
    private static int time(byte[] bytes, int from, int end, String pattern) {
        if (from < 0) {
            return from;
        }
        for (int i = 0; i < pattern.length(); i++) {
            if (from + i >= end) {
                return UNDECIDED;
            }
            byte here = bytes[from + i];
            boolean fits = pattern.charAt(i) == 'd' ? digit(here) : here == pattern.charAt(i);
            if (!fits) {
                return OTHER;
            }
        }
        int zone = from + pattern.length();
        for (int at = zone; at <= zone + 1 + ZONE_LENGTH_MAX; at++) {
            if (at >= end) {
                return UNDECIDED;
            }
            if (bytes[at] == ',') {
                return at > zone + 1 ? at + 1 : OTHER;
            }
            boolean fits = at == zone ? bytes[at] == ' ' : zoneCharacter(bytes[at]);
            if (!fits) {
                return OTHER;
            }
        }
        return OTHER;
    }

    private static boolean zoneCharacter(byte here) {
        return digit(here)
                || (here >= 'A' && here <= 'Z')
                || (here >= 'a' && here <= 'z')
                || here == '+'
                || here == '-'
                || here == ':';
    }

    /** Nothing or a quoted text, and a comma. */
    private static int quoted(byte[] bytes, int from, int end) {
        if (from < 0 || from >= end) {
            return from < 0 ? from : UNDECIDED;
        }
        if (bytes[from] == ',') {
            return from + 1;
        }
        if (bytes[from] != '"') {
            return OTHER;
        }
        for (int at = from + 1; at < end; at++) {
            if (bytes[at] == '"') {
                at++;
                if (at >= end) {
                    return UNDECIDED;
                }
                if (bytes[at] == ',') {
                    return at + 1;
                }
                if (bytes[at] != '"') {
                    return OTHER;
                }
            }
        }
        return UNDECIDED;
    }

    /** Digits and a comma; for a session id two hexadecimal numbers with a point between them. */
    private static int digits(byte[] bytes, int from, int end, boolean session) {
        if (from < 0) {
            return from;
        }
        int points = 0;
        for (int at = from; at < end; at++) {
            byte here = bytes[at];
            if (here == ',') {
                boolean complete = at > from && digitOrHex(bytes[at - 1], session) && points == (session ? 1 : 0);
                return complete ? at + 1 : OTHER;
            }
            if (here == '.' && session && at > from && points == 0) {
                points++;
            } else if (!digitOrHex(here, session)) {
                return OTHER;
            }
        }
        return UNDECIDED;
    }

    private static boolean digitOrHex(byte here, boolean hex) {
        return digit(here) || (hex && here >= 'a' && here <= 'f');
    }

    private static boolean digit(byte here) {
        return here >= '0' && here <= '9';
    }
}
