package org.pgpod.logshipper.parse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RawRecord;

/**
 * Reads of a record only which process logged it and when: the same in every format, because Postgres takes the time of a
 * record once.
 */
public final class RecordKey {
    /** Not a record whose process and time can be told. */
    public static final long NONE = -1;

    /** Bits of a process id: Linux has fewer than four million. */
    private static final int PID_BITS = 22;

    private static final long MICROS_PER_MILLI = 1_000;
    private static final int TIME_LENGTH_MAX = 40;
    private static final int JSON_TIME_FROM = "{\"timestamp\":\"".length();
    private static final byte[] JSON_PID = ",\"pid\":".getBytes(StandardCharsets.US_ASCII);
    private static final int CSV_PID_COLUMN = 3;

    private final LogTime time;
    private final char[] text = new char[TIME_LENGTH_MAX];

    public RecordKey(LogTime time) {
        this.time = time;
    }

    /** One number for process and time, ordered by time; {@link #NONE} if they do not fit. */
    public static long of(long pid, long epochMicros) {
        return pid < 0 || pid >= 1L << PID_BITS || epochMicros < 0
                ? NONE
                : (epochMicros / MICROS_PER_MILLI) << PID_BITS | pid;
    }

    /** The time of a key, in milliseconds since 1970. */
    public static long millis(long key) {
        return key >> PID_BITS;
    }

    /** The first key that a time, in milliseconds since 1970, can have. */
    public static long first(long millis) {
        return millis << PID_BITS;
    }

    /** The key of a record of jsonlog or csvlog, of which the beginning is enough. */
    public long read(LogStream stream, RawRecord raw) {
        return stream == LogStream.CSVLOG
                ? csv(raw.bytes(), raw.from(), raw.to())
                : json(raw.bytes(), raw.from(), raw.to());
    }

    private long json(byte[] bytes, int from, int to) {
        long micros = time(bytes, from + JSON_TIME_FROM, to, '"');
        // Within a value quotes are escaped: this is the key itself.
        for (int at = from + JSON_TIME_FROM; micros != LogTime.INVALID && at + JSON_PID.length < to; at++) {
            if (bytes[at] == ',' && Arrays.equals(bytes, at, at + JSON_PID.length, JSON_PID, 0, JSON_PID.length)) {
                return pid(bytes, at + JSON_PID.length, to, micros);
            }
        }
        return NONE;
    }

    private long csv(byte[] bytes, int from, int to) {
        long micros = time(bytes, from, to, ',');
        int column = 0;
        boolean quoted = false;
        for (int at = from; micros != LogTime.INVALID && at < to; at++) {
            quoted ^= bytes[at] == '"';
            if (bytes[at] == ',' && !quoted && ++column == CSV_PID_COLUMN) {
                return pid(bytes, at + 1, to, micros);
            }
        }
        return NONE;
    }

    private static long pid(byte[] bytes, int from, int to, long micros) {
        int end = from;
        while (end < to && bytes[end] >= '0' && bytes[end] <= '9') {
            end++;
        }
        long pid = Decimal.parse(bytes, from, end - from);
        return pid == Decimal.NONE ? NONE : of(pid, micros);
    }

    private long time(byte[] bytes, int from, int to, char end) {
        for (int length = 0; length < TIME_LENGTH_MAX && from + length < to; length++) {
            if (bytes[from + length] == end) {
                return time.parse(text, 0, length);
            }
            text[length] = (char) (bytes[from + length] & 0xff);
        }
        return LogTime.INVALID;
    }
}
