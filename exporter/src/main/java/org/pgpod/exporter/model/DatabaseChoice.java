package org.pgpod.exporter.model;

import java.util.List;

/**
 * Which databases collectors may read, and how many sessions in them stay open.
 *
 * @param sessionsKept sessions that stay open between collections; with 0 each ends when its database was read
 */
public record DatabaseChoice(NamePatterns include, NamePatterns exclude, int sessionsKept) {
    /** More databases are left out. */
    public static final int DATABASES_MAX = 1_000;

    /** The same databases, without a session that stays open. */
    public DatabaseChoice keepingNone() {
        return new DatabaseChoice(include, exclude, 0);
    }

    /** Those of the names that may be read, in their order. */
    public List<String> among(List<String> names) {
        return names.stream()
                .filter(name -> include.match(name) && !exclude.match(name))
                .limit(DATABASES_MAX)
                .toList();
    }
}
