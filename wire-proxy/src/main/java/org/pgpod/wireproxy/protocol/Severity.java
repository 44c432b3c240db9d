package org.pgpod.wireproxy.protocol;

/**
 * How grave an ErrorResponse or NoticeResponse is, by its field {@code V}, which unlike {@code S} is never translated.
 * The manual's chapter "Error and Notice Message Fields" lists them.
 */
public enum Severity {
    ERROR,
    FATAL,
    PANIC,
    WARNING,
    NOTICE,
    DEBUG,
    INFO,
    LOG,
    /** There is no such field, or it has another value. */
    UNKNOWN;

    private static final long ERROR_WORD = word("ERROR");
    private static final long FATAL_WORD = word("FATAL");
    private static final long PANIC_WORD = word("PANIC");
    private static final long WARNING_WORD = word("WARNING");
    private static final long NOTICE_WORD = word("NOTICE");
    private static final long DEBUG_WORD = word("DEBUG");
    private static final long INFO_WORD = word("INFO");
    private static final long LOG_WORD = word("LOG");

    /** Whether it belongs to an ErrorResponse; the others, but {@link #UNKNOWN}, belong to a NoticeResponse. */
    public boolean isOfErrors() {
        return this == ERROR || this == FATAL || this == PANIC;
    }

    /** Recognises the word packed with its first byte highest; none has more than seven bytes. */
    static Severity of(long word) {
        if (word == ERROR_WORD) {
            return ERROR;
        }
        if (word == NOTICE_WORD) {
            return NOTICE;
        }
        if (word == WARNING_WORD) {
            return WARNING;
        }
        if (word == FATAL_WORD) {
            return FATAL;
        }
        if (word == INFO_WORD) {
            return INFO;
        }
        if (word == LOG_WORD) {
            return LOG;
        }
        if (word == DEBUG_WORD) {
            return DEBUG;
        }
        return word == PANIC_WORD ? PANIC : UNKNOWN;
    }

    private static long word(String text) {
        long packed = 0;
        for (int i = 0; i < text.length(); i++) {
            packed = (packed << 8) | text.charAt(i);
        }
        return packed;
    }
}
