package org.pgpod.haagent.model.port;

/** The result of reading the world: a value, or why there is none. The reader stamps it with its own clock. */
public sealed interface Reading<T> {
    record Value<T>(T value) implements Reading<T> {}

    record Failure<T>(String reason) implements Reading<T> {}

    static <T> Reading<T> of(T value) {
        return new Value<>(value);
    }

    static <T> Reading<T> failed(String reason) {
        return new Failure<>(reason);
    }
}
