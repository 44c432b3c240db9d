package org.pgpod.logshipper.model;

/**
 * A column of the store.
 *
 * @param name its name in the table
 * @param kind its type
 * @param key the key of the JSON record whose value it takes; empty for columns that the shipper fills by itself
 */
public record Column(String name, Kind kind, String key) {
    /** The types of the store's columns, each with one binary form. */
    public enum Kind {
        TEXT,
        INTEGER,
        BIGINT,
        TIMESTAMP,
        JSONB,
        BYTES
    }

    static Column text(String name, String key) {
        return new Column(name, Kind.TEXT, key);
    }

    static Column integer(String name, String key) {
        return new Column(name, Kind.INTEGER, key);
    }

    static Column bigint(String name, String key) {
        return new Column(name, Kind.BIGINT, key);
    }

    static Column time(String name, String key) {
        return new Column(name, Kind.TIMESTAMP, key);
    }

    static Column own(String name, Kind kind) {
        return new Column(name, kind, "");
    }
}
