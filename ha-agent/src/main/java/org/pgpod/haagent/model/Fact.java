package org.pgpod.haagent.model;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * Something that was observed, with its age, or the reason why it is unknown. Ignorance is a case of its own, never null
 * and never an old value under a new date.
 */
public sealed interface Fact<T> {
    /**
     * A value that was true at some moment not before {@code atMillis}.
     *
     * @param value what was read
     * @param atMillis boot clock just before the read began, so that the value is never older than it says
     */
    record Seen<T>(T value, long atMillis) implements Fact<T> {}

    /** Nothing is known, because of {@code reason}. */
    record Unseen<T>(String reason) implements Fact<T> {}

    static <T> Fact<T> seen(T value, long atMillis) {
        return new Seen<>(value, atMillis);
    }

    static <T> Fact<T> unseen(String reason) {
        return new Unseen<>(reason);
    }

    /** The value however old it is; empty when unseen. */
    default Optional<T> known() {
        return switch (this) {
            case Seen<T>(T value, long ignored) -> Optional.of(value);
            case Unseen<T> ignored -> Optional.empty();
        };
    }

    /** The value if it was read at {@code oldestMillis} or later. */
    default Optional<T> since(long oldestMillis) {
        return switch (this) {
            case Seen<T>(T value, long atMillis) when atMillis >= oldestMillis -> Optional.of(value);
            default -> Optional.empty();
        };
    }

    /** Whether the value is known, however old, and satisfies {@code claim}. */
    default boolean holds(Predicate<? super T> claim) {
        return known().filter(claim).isPresent();
    }
}
