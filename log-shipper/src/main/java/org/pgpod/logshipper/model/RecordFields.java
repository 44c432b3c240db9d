package org.pgpod.logshipper.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The values of one record by column, each already in the binary form of its type. Reused for every record, so that the hot
 * path allocates nothing; a column that was not set is null.
 */
public final class RecordFields {
    private static final int INITIAL_BYTES = 4_096;
    private static final int UTF8_BYTES_PER_CHAR_MAX = 3;
    private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);
    private static final byte JSONB_VERSION = 1;

    /** Microseconds from 1970 to 2000, where Postgres's timestamps begin. */
    private static final long POSTGRES_EPOCH_MICROS = 946_684_800_000_000L;

    private Table table = Table.POSTGRES_LOG;
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int used;
    private int[] starts = new int[0];
    private int[] lengths = new int[0];

    /** Forgets every value and takes up the columns of a table. */
    public void reset(Table next) {
        table = next;
        used = 0;
        int columns = next.columns().size();
        if (starts.length < columns) {
            starts = new int[columns];
            lengths = new int[columns];
        }
        Arrays.fill(lengths, -1);
    }

    public Table table() {
        return table;
    }

    public boolean isNull(int column) {
        return lengths[column] < 0;
    }

    /** Where a value begins in {@link #bytes}. */
    public int start(int column) {
        return starts[column];
    }

    /** How long a value is; -1 when it is null, as in the binary form of COPY. */
    public int length(int column) {
        return lengths[column];
    }

    /** The array that holds all values; it changes with the next one that is set. */
    public byte[] bytes() {
        return bytes;
    }

    /** The text of a column that is set. */
    public String text(int column) {
        return new String(bytes, starts[column], lengths[column], StandardCharsets.UTF_8);
    }

    public void setNull(int column) {
        lengths[column] = -1;
    }

    public void setInteger(int column, int value) {
        begin(column, Integer.BYTES);
        putInt(value);
        end(column);
    }

    public void setBigint(int column, long value) {
        begin(column, Long.BYTES);
        putInt((int) (value >>> Integer.SIZE));
        putInt((int) value);
        end(column);
    }

    /** Sets a timestamp from microseconds since 1970. */
    public void setTime(int column, long epochMicros) {
        setBigint(column, epochMicros - POSTGRES_EPOCH_MICROS);
    }

    /** The microseconds since 1970 of a timestamp that is set. */
    public long time(int column) {
        long value = 0;
        for (int i = starts[column]; i < starts[column] + Long.BYTES; i++) {
            value = (value << Byte.SIZE) | (bytes[i] & 0xff);
        }
        return value + POSTGRES_EPOCH_MICROS;
    }

    /** Sets a value from bytes that are its binary form already, such as valid UTF-8 of a text without NUL. */
    public void setBytes(int column, byte[] source, int from, int length) {
        begin(column, length);
        System.arraycopy(source, from, bytes, used, length);
        used += length;
        end(column);
    }

    public void setText(int column, String text) {
        setText(column, text.toCharArray(), 0, text.length());
    }

    /** Sets a text; what Postgres cannot hold (NUL, half a surrogate pair) becomes U+FFFD. */
    public void setText(int column, char[] text, int from, int length) {
        begin(column, UTF8_BYTES_PER_CHAR_MAX * length);
        int at = from;
        int to = from + length;
        byte[] out = bytes;
        int write = used;
        while (at < to && text[at] < 0x80 && text[at] != 0) {
            out[write++] = (byte) text[at++];
        }
        used = write;
        while (at < to) {
            at += putCharacter(text, at, to);
        }
        end(column);
    }

    /** Sets a JSON document. */
    public void setJson(int column, byte[] json, int from, int length) {
        begin(column, length + 1);
        bytes[used++] = JSONB_VERSION;
        System.arraycopy(json, from, bytes, used, length);
        used += length;
        end(column);
    }

    private int putCharacter(char[] text, int at, int to) {
        char unit = text[at];
        if (unit == 0) {
            putReplacement();
        } else if (unit < 0x80) {
            bytes[used++] = (byte) unit;
        } else if (unit < 0x800) {
            bytes[used++] = (byte) (0xc0 | (unit >> 6));
            bytes[used++] = (byte) (0x80 | (unit & 0x3f));
        } else if (!Character.isSurrogate(unit)) {
            bytes[used++] = (byte) (0xe0 | (unit >> 12));
            bytes[used++] = (byte) (0x80 | ((unit >> 6) & 0x3f));
            bytes[used++] = (byte) (0x80 | (unit & 0x3f));
        } else if (Character.isHighSurrogate(unit) && at + 1 < to && Character.isLowSurrogate(text[at + 1])) {
            int point = Character.toCodePoint(unit, text[at + 1]);
            bytes[used++] = (byte) (0xf0 | (point >> 18));
            bytes[used++] = (byte) (0x80 | ((point >> 12) & 0x3f));
            bytes[used++] = (byte) (0x80 | ((point >> 6) & 0x3f));
            bytes[used++] = (byte) (0x80 | (point & 0x3f));
            return 2;
        } else {
            putReplacement();
        }
        return 1;
    }

    private void putReplacement() {
        System.arraycopy(REPLACEMENT, 0, bytes, used, REPLACEMENT.length);
        used += REPLACEMENT.length;
    }

    private void putInt(int value) {
        bytes[used++] = (byte) (value >>> 24);
        bytes[used++] = (byte) (value >>> 16);
        bytes[used++] = (byte) (value >>> 8);
        bytes[used++] = (byte) value;
    }

    private void begin(int column, int room) {
        if (bytes.length - used < room) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, used + room));
        }
        starts[column] = used;
    }

    private void end(int column) {
        lengths[column] = used - starts[column];
    }
}
