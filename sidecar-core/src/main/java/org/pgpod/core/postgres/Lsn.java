package org.pgpod.core.postgres;

/**
 * A position in the write-ahead log, ordered as Postgres orders {@code pg_lsn}: by unsigned value.
 *
 * <p>The text form is Postgres's own, two hexadecimal halves separated by a slash, such as {@code 16/B374D848}.
 *
 * @param value the byte position, unsigned
 */
public record Lsn(long value) implements Comparable<Lsn> {
    /** The invalid position {@code 0/0}: before any record. */
    public static final Lsn ZERO = new Lsn(0);

    private static final int HALF_DIGITS_MAX = 8;

    /** Reads Postgres's text form; anything else is an {@link IllegalArgumentException} that shows the text. */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || slash > HALF_DIGITS_MAX || text.length() - slash - 1 > HALF_DIGITS_MAX) {
            throw malformed(text);
        }
        try {
            long high = Integer.toUnsignedLong(Integer.parseUnsignedInt(text, 0, slash, 16));
            long low = Integer.toUnsignedLong(Integer.parseUnsignedInt(text, slash + 1, text.length(), 16));
            return new Lsn(high << 32 | low);
        } catch (NumberFormatException notHexadecimal) {
            throw malformed(text);
        }
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException("'" + text + "' is not an LSN such as 0/5A2B3C0");
    }

    /** How many bytes this position is ahead of {@code other}; negative when it is behind. */
    public long minus(Lsn other) {
        return value - other.value;
    }

    public boolean isAtLeast(Lsn other) {
        return compareTo(other) >= 0;
    }

    public static Lsn max(Lsn one, Lsn other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toHexString((int) (value >>> 32)).toUpperCase(java.util.Locale.ROOT)
                + "/"
                + Integer.toHexString((int) value).toUpperCase(java.util.Locale.ROOT);
    }
}
