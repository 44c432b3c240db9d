package org.pgpod.haagent.model;

import java.util.Optional;

/** What became of a text that another agent wrote: a value, a format from the future, or nonsense. */
public sealed interface Parsed<T> {
    /** The text follows the format. */
    record Valid<T>(T value) implements Parsed<T> {}

    /** The text is of a version, or uses a word, that this agent does not know: it must not act on it. */
    record Unknown<T>(String what) implements Parsed<T> {}

    /** The text does not follow the format. */
    record Malformed<T>(String why) implements Parsed<T> {}

    default Optional<T> valid() {
        return this instanceof Valid<T>(T value) ? Optional.of(value) : Optional.empty();
    }
}
