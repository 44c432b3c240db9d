package org.pgpod.exporter.collect;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.exporter.model.HistogramValue;

/** Reads a histogram from the columns of a row as the server sends them. */
final class Histograms {
    private Histograms() {}

    /**
     * The histogram of a row, if none of its columns is NULL; throws {@link IllegalArgumentException}, whose message says
     * what is wrong with them.
     *
     * @param bounds an array
     * @param parts of the buckets an array, the sum, the count
     * @param scale what bounds and sum are multiplied with
     */
    static Optional<HistogramValue> read(@Nullable String bounds, List<Optional<String>> parts, double scale) {
        if (bounds == null || parts.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        List<String> present = parts.stream().flatMap(Optional::stream).toList();
        return Optional.of(HistogramValue.of(
                array(bounds, scale),
                array(present.get(0), 1),
                number(present.get(1)) * scale,
                number(present.get(2))));
    }

    /** The numbers of an array in the form of array_out(): {@code {1,2.5,NULL}}. */
    private static List<Double> array(String text, double scale) {
        if (!text.startsWith("{") || !text.endsWith("}")) {
            throw new IllegalArgumentException("'" + shortened(text) + "' is not an array of one dimension");
        }
        List<Double> numbers = new ArrayList<>();
        String inner = text.substring(1, text.length() - 1);
        for (String element : inner.isEmpty() ? new String[0] : inner.split(",", -1)) {
            numbers.add(number(element) * scale);
        }
        return numbers;
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException notOne) {
            throw new IllegalArgumentException("'" + shortened(text) + "' is not a number", notOne);
        }
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), 40));
    }
}
