package org.pgpod.logshipper.parse;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Reads {@code 2026-11-05 10:20:36.123 UTC}, as Postgres logs it, and {@code 2026-11-05T10:20:36.123456Z}, as ISO 8601.
 *
 * <p>The zone is UTC, GMT, Z, an offset, or the abbreviation of the configured zone (Postgres's {@code log_timezone}). In
 * the hour that a change from summer time repeats, an abbreviation is read as summer time.
 */
public final class LogTime {
    /** Not a time that can be understood. */
    public static final long INVALID = Long.MIN_VALUE;

    private static final int FRACTION_DIGITS_MAX = 9;
    private static final int SECONDS_LENGTH = "2026-11-05 10:20:36".length();
    private static final long MICROS = 1_000_000;

    private final ZoneId zone;
    private final boolean utc;

    public LogTime(ZoneId zone) {
        this.zone = zone;
        this.utc = zone.normalized().equals(ZoneOffset.UTC);
    }

    /** Microseconds since 1970, or {@link #INVALID}. */
    public long parse(char[] text, int from, int length) {
        int end = from + length;
        if (length < SECONDS_LENGTH
                || text[from + 4] != '-'
                || text[from + 7] != '-'
                || (text[from + 10] != ' ' && text[from + 10] != 'T')
                || text[from + 13] != ':'
                || text[from + 16] != ':') {
            return INVALID;
        }
        int year = number(text, from, 4);
        int month = number(text, from + 5, 2);
        int day = number(text, from + 8, 2);
        int hour = number(text, from + 11, 2);
        int minute = number(text, from + 14, 2);
        int second = number(text, from + 17, 2);
        // A second of 60 is a leap second, which Postgres and this reader count as the next minute's first.
        if ((year | month | day | hour | minute | second) < 0
                || month < 1
                || month > 12
                || day < 1
                || day > monthDays(year, month)
                || hour > 23
                || minute > 59
                || second > 60) {
            return INVALID;
        }
        int at = from + SECONDS_LENGTH;
        long micros = 0;
        if (at < end && text[at] == '.') {
            int digits = 0;
            for (at++; at < end && text[at] >= '0' && text[at] <= '9'; at++, digits++) {
                micros = digits < 6 ? micros * 10 + (text[at] - '0') : micros;
            }
            if (digits == 0 || digits > FRACTION_DIGITS_MAX) {
                return INVALID;
            }
            for (; digits < 6; digits++) {
                micros *= 10;
            }
        }
        if (at < end && text[at] == ' ') {
            at++;
        }
        long seconds = ((epochDay(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
        long offset = offsetSeconds(text, at, end, seconds);
        return offset == INVALID ? INVALID : (seconds - offset) * MICROS + micros;
    }

    private long offsetSeconds(char[] text, int from, int end, long localSeconds) {
        int length = end - from;
        if (length == 0) {
            return INVALID;
        }
        if (text[from] == '+' || text[from] == '-') {
            return numericOffset(text, from, end);
        }
        if ((length == 1 && text[from] == 'Z') || is(text, from, length, "UTC") || is(text, from, length, "GMT")) {
            return 0;
        }
        return utc ? INVALID : zoneOffset(localSeconds);
    }

    private long zoneOffset(long localSeconds) {
        try {
            LocalDateTime local = LocalDateTime.ofEpochSecond(localSeconds, 0, ZoneOffset.UTC);
            List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
            return offsets.isEmpty() ? INVALID : offsets.getFirst().getTotalSeconds();
        } catch (DateTimeException outOfRange) {
            return INVALID;
        }
    }

    private static long numericOffset(char[] text, int from, int end) {
        int length = end - from;
        boolean colon = length == 6 && text[from + 3] == ':';
        int minuteAt = from + (colon ? 4 : 3);
        if (length != 3 && length != 5 && !colon) {
            return INVALID;
        }
        int hours = number(text, from + 1, 2);
        int minutes = length == 3 ? 0 : number(text, minuteAt, 2);
        if ((hours | minutes) < 0 || hours > 18 || minutes > 59) {
            return INVALID;
        }
        long seconds = (hours * 60L + minutes) * 60L;
        return text[from] == '-' ? -seconds : seconds;
    }

    private static boolean is(char[] text, int from, int length, String name) {
        if (length != name.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The number that these digits are, or -1. */
    private static int number(char[] text, int from, int digits) {
        int value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static int monthDays(int year, int month) {
        if (month == 2) {
            return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /** Days since 1970 in the Gregorian calendar, counted in years that begin in March. */
    private static long epochDay(int year, int month, int day) {
        int shifted = month <= 2 ? year - 1 : year;
        int era = Math.floorDiv(shifted, 400);
        int yearOfEra = shifted - era * 400;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468L;
    }
}
