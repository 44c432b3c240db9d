package org.pgpod.exporter.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Splits a page of metrics into its families, checking each line; both formats become the same families. */
public final class TextPage {
    private static final int COMMENT_WORDS = 4;
    private static final String TOTAL = "_total";

    /** What the series of a histogram or summary add to its name. */
    private static final Set<String> PARTS = Set.of("", "_bucket", "_sum", "_count", "_created");

    private final ExpositionFormat format;
    private final UnaryOperator<SampleLine> shown;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    // Families of OpenMetrics whose name in the text format is another.
    private final Map<String, String> renamed = new HashMap<>();
    private String current = "";
    private boolean ended;

    private TextPage(ExpositionFormat format, UnaryOperator<SampleLine> shown) {
        this.format = format;
        this.shown = shown;
    }

    /** What is known of one family so far. */
    private static final class Part {
        private Optional<MetricType> type = Optional.empty();
        private Optional<String> help = Optional.empty();
        private final List<SampleLine> samples = new ArrayList<>();
    }

    /** The families of a page in the text format; throws {@link IllegalArgumentException} when a line is not of it. */
    public static List<TextFamily> families(String page) {
        return new TextPage(ExpositionFormat.TEXT, UnaryOperator.identity()).read(page);
    }

    /**
     * The families of a sidecar's page, each series labelled with the sidecar's name; throws
     * {@link IllegalArgumentException} when a line is not of the format, or the page is cut off and the format tells.
     */
    public static List<TextFamily> families(String page, ExpositionFormat format, String sidecar) {
        return new TextPage(format, sample -> sample.with("sidecar", sidecar)).read(page);
    }

    private List<TextFamily> read(String page) {
        page.lines().forEach(this::line);
        if (format == ExpositionFormat.OPEN_METRICS && !ended) {
            throw new IllegalArgumentException("the page has no # EOF");
        }
        List<TextFamily> families = new ArrayList<>();
        parts.forEach((name, part) -> {
            if (!part.samples.isEmpty()) {
                families.add(new TextFamily(name, part.type, part.help, part.samples));
            }
        });
        return families;
    }

    private void line(String line) {
        if (line.startsWith("# HELP ") || line.startsWith("# TYPE ")) {
            header(line.split(" ", COMMENT_WORDS));
        } else if (line.equals("# EOF")) {
            ended = true;
        } else if (!line.isBlank() && !line.startsWith("#")) {
            SampleLine sample = SampleLine.parse(line, format);
            String family = familyOf(sample.name());
            // When a series began is of no use to who reads the text format, where it would be a family of its own.
            if (!(family.endsWith(TOTAL) && sample.name().endsWith("_created"))) {
                part(family).samples.add(shown.apply(sample));
            }
        }
    }

    /** The words of a line that describes a family: #, HELP or TYPE, name, text. */
    private void header(String[] words) {
        String text = words.length == COMMENT_WORDS ? words[COMMENT_WORDS - 1] : "";
        current = renamed.getOrDefault(words[2], words[2]);
        Part part = part(current);
        if (words[1].equals("HELP")) {
            part.help = part.help.or(() -> Optional.of(unescaped(text)));
        } else if (format == ExpositionFormat.TEXT) {
            part.type = part.type.or(() -> MetricType.ofText(text));
        } else {
            openMetricsType(text);
        }
    }

    /** Families of OpenMetrics under the names and types that the text format has for them. */
    private void openMetricsType(String type) {
        switch (type) {
            case "counter" -> declareCurrent(TOTAL, MetricType.COUNTER);
            case "info" -> declareCurrent("_info", MetricType.GAUGE);
            case "stateset" -> declareCurrent("", MetricType.GAUGE);
            case "unknown" -> declareCurrent("", MetricType.UNTYPED);
            case "gauge", "histogram", "summary" ->
                declareCurrent("", MetricType.ofText(type).orElseThrow());
            default -> {
                // What has no counterpart, such as a histogram of gauges, is shown as series without a type.
            }
        }
    }

    private void declareCurrent(String suffix, MetricType type) {
        Part declared = part(current + suffix);
        if (!suffix.isEmpty()) {
            declared.help = part(current).help;
            parts.remove(current);
            renamed.put(current, current + suffix);
            current += suffix;
        }
        declared.type = Optional.of(type);
    }

    private String familyOf(String name) {
        if (current.endsWith(TOTAL)
                && name.equals(current.substring(0, current.length() - TOTAL.length()) + "_created")) {
            return current;
        }
        return name.startsWith(current) && PARTS.contains(name.substring(current.length())) ? current : name;
    }

    private Part part(String family) {
        return parts.computeIfAbsent(family, name -> new Part());
    }

    private static String unescaped(String help) {
        if (help.indexOf('\\') < 0) {
            return help;
        }
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < help.length(); at++) {
            char c = help.charAt(at);
            if (c == '\\' && at + 1 < help.length()) {
                at++;
                text.append(help.charAt(at) == 'n' ? '\n' : help.charAt(at));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
