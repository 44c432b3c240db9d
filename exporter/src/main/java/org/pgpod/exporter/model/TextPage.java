package org.pgpod.exporter.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Splits a page in the Prometheus text format into its families, checking each line. */
public final class TextPage {
    private static final int COMMENT_WORDS = 4;

    /** What the series of a histogram or summary add to its name. */
    private static final Set<String> PARTS = Set.of("", "_bucket", "_sum", "_count", "_created");

    private final Function<SampleLine, String> shown;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private String current = "";

    private TextPage(Function<SampleLine, String> shown) {
        this.shown = shown;
    }

    /** Headers by their kind, so that a family never has two of one. */
    private record Part(Map<String, String> header, List<String> samples) {
        Part() {
            this(new LinkedHashMap<>(), new ArrayList<>());
        }
    }

    /** The families of a page; throws {@link IllegalArgumentException} when a line is not of the format. */
    public static List<TextFamily> families(String page) {
        return new TextPage(SampleLine::text).read(page);
    }

    /** The families of a sidecar's page, each series labelled with the sidecar's name. */
    public static List<TextFamily> families(String page, String sidecar) {
        return new TextPage(sample -> sample.with("sidecar", sidecar)).read(page);
    }

    private List<TextFamily> read(String page) {
        page.lines().forEach(this::line);
        List<TextFamily> families = new ArrayList<>();
        parts.forEach(
                (name, part) -> families.add(new TextFamily(name, List.copyOf(part.header.values()), part.samples)));
        return families;
    }

    private void line(String line) {
        if (line.startsWith("# HELP ") || line.startsWith("# TYPE ")) {
            String[] words = line.split(" ", COMMENT_WORDS);
            current = words[2];
            part(current).header.putIfAbsent(words[1], line);
        } else if (!line.isBlank() && !line.startsWith("#")) {
            SampleLine sample = SampleLine.parse(line);
            String name = sample.name();
            boolean ofCurrent = name.startsWith(current) && PARTS.contains(name.substring(current.length()));
            part(ofCurrent ? current : name).samples.add(shown.apply(sample));
        }
    }

    private Part part(String family) {
        return parts.computeIfAbsent(family, name -> new Part());
    }
}
