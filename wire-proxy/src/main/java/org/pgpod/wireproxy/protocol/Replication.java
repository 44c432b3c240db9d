package org.pgpod.wireproxy.protocol;

import java.util.Locale;

/** The kind of session that the startup parameter {@code replication} asks for. */
public enum Replication {
    /** An ordinary session. */
    NONE,
    /** A walsender that takes replication commands only and no SQL. */
    PHYSICAL,
    /** A walsender of one database, which also takes SQL. */
    LOGICAL;

    /**
     * Reads the parameter's value. Only the plain spellings count as physical, because physical replication is what the
     * lease does not cut: an abbreviation that Postgres would also understand is treated with more care, not less.
     */
    static Replication of(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "on", "yes", "1" -> PHYSICAL;
            case "database" -> LOGICAL;
            default -> NONE;
        };
    }
}
