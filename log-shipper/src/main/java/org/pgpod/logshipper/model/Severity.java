package org.pgpod.logshipper.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The severities of Postgres's records, in English. */
public enum Severity {
    DEBUG,
    LOG,
    INFO,
    NOTICE,
    WARNING,
    ERROR,
    FATAL,
    PANIC,
    /** Any other text: a server with another language. */
    OTHER;

    private static final List<Severity> ALL = List.of(values());

    @SuppressWarnings("ImmutableEnumChecker") // Nobody changes it.
    private final byte[] ascii = name().getBytes(StandardCharsets.US_ASCII);

    /** The severity of a record of {@link Table#POSTGRES_LOG}. */
    public static Severity of(RecordFields fields, int column) {
        int from = fields.start(column);
        int length = fields.length(column);
        for (Severity severity : ALL) {
            byte[] name = severity.ascii;
            // DEBUG1 to DEBUG5 are one.
            int compared = severity == DEBUG ? Math.min(length, name.length) : length;
            if (length > 0 && Arrays.equals(fields.bytes(), from, from + compared, name, 0, name.length)) {
                return severity;
            }
        }
        return OTHER;
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
