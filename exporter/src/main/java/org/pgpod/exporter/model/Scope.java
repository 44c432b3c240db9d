package org.pgpod.exporter.model;

import java.util.Optional;

/**
 * Where a collector runs, and whether it does unless the configuration says otherwise.
 *
 * @param databases the databases in which its query runs
 * @param extension the extension that a database must have; {@link #SCHEMA} in the query stands for its schema
 * @param profile the set of names to which it belongs; it runs only when that set is chosen
 */
public record Scope(
        Reach reach, NamePatterns databases, Optional<String> extension, Standard standard, Optional<String> profile) {
    /** What stands for the schema of the extension in a query. */
    public static final String SCHEMA = "{schema}";

    /** On, in the database {@code postgres} alone. */
    public static final Scope SERVER =
            new Scope(Reach.SERVER, NamePatterns.NONE, Optional.empty(), Standard.ON, Optional.empty());

    /** How far a collector reaches. */
    public enum Reach {
        /** What the server shows in any database: it runs in {@code postgres} alone. */
        SERVER,
        /** It runs in the first database that has the extension. */
        ONE,
        /** It runs in each database that the configuration and its own patterns choose. */
        EVERY
    }

    /** Whether a collector runs unless the configuration says otherwise. */
    public enum Standard {
        ON,
        OFF
    }
}
