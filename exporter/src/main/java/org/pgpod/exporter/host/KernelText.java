package org.pgpod.exporter.host;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Numbers in the forms in which the kernel's files hold them. What is not of the form is left out. */
final class KernelText {
    private KernelText() {}

    /** A number; empty for {@code max} and for anything else that is none. */
    static OptionalDouble number(String text) {
        try {
            double value = Double.parseDouble(text.strip());
            return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        } catch (NumberFormatException none) {
            return OptionalDouble.empty();
        }
    }

    static OptionalDouble number(Optional<String> text) {
        return text.isPresent() ? number(text.get()) : OptionalDouble.empty();
    }

    /** Lines {@code key number}. */
    static Map<String, Double> keyed(Optional<String> text) {
        Map<String, Double> values = new HashMap<>();
        text.orElse("").lines().forEach(line -> {
            int space = line.indexOf(' ');
            if (space > 0) {
                number(line.substring(space + 1)).ifPresent(value -> values.put(line.substring(0, space), value));
            }
        });
        return values;
    }

    /** The words {@code key=number} of a line. */
    static Map<String, Double> pairs(String line) {
        Map<String, Double> values = new HashMap<>();
        for (String word : line.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                number(word.substring(equals + 1)).ifPresent(value -> values.put(word.substring(0, equals), value));
            }
        }
        return values;
    }
}
