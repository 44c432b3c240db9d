package org.pgpod.wireproxy.protocol;

/** SQLSTATEs packed into a number, five bytes with the first one highest, so that none is allocated while relaying. */
public final class SqlState {
    /** An error without a readable SQLSTATE. */
    public static final long NONE = 0;

    static final int LENGTH = 5;

    private SqlState() {}

    /** Packs five characters. */
    public static long packed(String sqlState) {
        long packed = 0;
        for (int i = 0; i < LENGTH; i++) {
            packed = (packed << 8) | sqlState.charAt(i);
        }
        return packed;
    }

    /** The five characters, or {@code unknown} when they are not what an SQLSTATE consists of. */
    public static String text(long packed) {
        StringBuilder text = new StringBuilder(LENGTH);
        for (int shift = (LENGTH - 1) * 8; shift >= 0; shift -= 8) {
            char character = (char) ((packed >>> shift) & 0xff);
            boolean allowed = (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z');
            if (!allowed) {
                return "unknown";
            }
            text.append(character);
        }
        return text.toString();
    }
}
