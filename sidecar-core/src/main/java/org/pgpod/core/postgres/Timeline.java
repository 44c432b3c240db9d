package org.pgpod.core.postgres;

import java.util.Locale;

/**
 * A timeline of the write-ahead log: 1 after initdb, a higher one after each promotion.
 *
 * @param id the timeline's number, at least 1
 */
public record Timeline(int id) implements Comparable<Timeline> {
    public Timeline {
        if (id < 1) {
            throw new IllegalArgumentException("a timeline is at least 1, not " + id);
        }
    }

    public Timeline next() {
        return new Timeline(Math.addExact(id, 1));
    }

    /** The name of its history file, as {@code pg_wal} holds it: {@code 00000002.history}. */
    public String historyFileName() {
        return String.format(Locale.ROOT, "%08X.history", id);
    }

    @Override
    public int compareTo(Timeline other) {
        return Integer.compare(id, other.id);
    }

    @Override
    public String toString() {
        return Integer.toString(id);
    }
}
