package org.pgpod.haagent.model;

import java.util.List;
import java.util.Optional;

/**
 * How a member gets a copy of the primary's data.
 *
 * @param methods what is tried, in this order, over and over; an empty list of words is pg_basebackup, others are a program
 *     and its arguments
 * @param walCommand Postgres's {@code restore_command} for a new copy, until it streams, and for a member that never streams
 */
public record CloneSettings(List<List<String>> methods, Optional<String> walCommand) {
    /** The method that copies from the running primary. */
    public static final List<String> BASE_BACKUP = List.of();

    /** By pg_basebackup alone, which needs no WAL from elsewhere. */
    public static final CloneSettings STANDARD = new CloneSettings(List.of(BASE_BACKUP), Optional.empty());

    public CloneSettings {
        methods = methods.stream().map(List::copyOf).toList();
        if (methods.isEmpty()) {
            throw new IllegalArgumentException("there must be a method");
        }
    }

    /** The method after so many that failed. */
    public List<String> after(int failures) {
        return methods.get(Math.floorMod(failures, methods.size()));
    }
}
