package org.pgpod.logshipper.model;

import java.util.Locale;

/** What a parser says of a record. */
public enum Verdict {
    /** The fields are filled. */
    PARSED,
    /** There is nothing in it: an empty line between records. */
    BLANK,
    /** Bytes that are not UTF-8. */
    INVALID_UTF8,
    /** Not one JSON object. */
    INVALID_JSON,
    /** Not one record of csvlog. */
    INVALID_CSV,
    /** No timestamp that can be understood. */
    INVALID_TIME,
    /** The file was deleted before the line was ended. */
    UNTERMINATED,
    /** Its writer ended in the middle of it, and another one wrote on in the same file. */
    TORN,
    /** The store refused the row. */
    REFUSED;

    /** The reason as dead letters and labels carry it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
