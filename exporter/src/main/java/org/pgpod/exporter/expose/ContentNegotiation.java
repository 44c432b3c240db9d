package org.pgpod.exporter.expose;

import com.sun.net.httpserver.Headers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pgpod.exporter.model.ExpositionFormat;

/**
 * What a client wants of a page, by RFC 9110: the format that its Accept header prefers, text for who accepts neither, and
 * gzip for who accepts that.
 */
record ContentNegotiation(ExpositionFormat format, boolean gzip) {
    static ContentNegotiation of(Headers request) {
        return new ContentNegotiation(
                format(choices(request.get("Accept"))), acceptsGzip(choices(request.get("Accept-Encoding"))));
    }

    /** One entry of a header such as {@code text/plain;version=0.0.4;q=0.5}. */
    private record Choice(String value, Map<String, String> parameters, double quality) {}

    /** The entries that a header allows, those of the highest quality first. */
    private static List<Choice> choices(@Nullable List<String> lines) {
        List<Choice> choices = new ArrayList<>();
        if (lines != null) {
            for (String entry : String.join(",", lines).split(",", -1)) {
                choice(entry).ifPresent(choices::add);
            }
        }
        choices.sort(Comparator.comparingDouble(Choice::quality).reversed());
        return choices;
    }

    private static Optional<Choice> choice(String entry) {
        String[] parts = entry.strip().toLowerCase(Locale.ROOT).split(";", -1);
        Map<String, String> parameters = new TreeMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] parameter = parts[i].split("=", 2);
            parameters.put(
                    parameter[0].strip(),
                    parameter.length < 2 ? "" : parameter[1].strip().replace("\"", ""));
        }
        try {
            double quality = Double.parseDouble(parameters.getOrDefault("q", "1"));
            return parts[0].isBlank()
                    ? Optional.empty()
                    : Optional.of(new Choice(parts[0].strip(), parameters, quality));
        } catch (NumberFormatException malformed) {
            return Optional.empty();
        }
    }

    private static ExpositionFormat format(List<Choice> choices) {
        for (Choice choice : choices) {
            String version = choice.parameters.getOrDefault("version", "");
            switch (choice.value) {
                case ExpositionFormat.OPEN_METRICS_TYPE -> {
                    if (choice.quality > 0 && (version.isEmpty() || version.equals("1.0.0"))) {
                        return ExpositionFormat.OPEN_METRICS;
                    }
                }
                case "text/plain", "text/*", "*/*" -> {
                    return ExpositionFormat.TEXT;
                }
                default -> {
                    // A format that there is not: the next choice counts.
                }
            }
        }
        return ExpositionFormat.TEXT;
    }

    private static boolean acceptsGzip(List<Choice> choices) {
        double gzip = 0;
        double plain = 0;
        for (Choice choice : choices) {
            switch (choice.value) {
                case "gzip", "x-gzip" -> gzip = choice.quality;
                case "identity" -> plain = choice.quality;
                default -> {
                    // Other encodings are not offered, and "*" asks for none.
                }
            }
        }
        return gzip > 0 && gzip >= plain;
    }
}
