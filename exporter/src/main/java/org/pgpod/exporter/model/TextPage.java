package org.pgpod.exporter.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Splits a page in the Prometheus text format into its families, without reading values. */
public final class TextPage {
    private static final int COMMENT_WORDS = 4;

    private final String label;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private String current = "";

    private TextPage(String label) {
        this.label = label;
    }

    private record Part(List<String> header, List<String> samples) {
        Part() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    /**
     * The families of a page.
     *
     * @param label a label as text that every sample gets, such as {@code sidecar="ha-agent"}; empty for none
     */
    public static List<TextFamily> families(String page, String label) {
        TextPage reading = new TextPage(label);
        page.lines().forEach(reading::line);
        List<TextFamily> families = new ArrayList<>();
        reading.parts.forEach((name, part) -> families.add(new TextFamily(name, part.header, part.samples)));
        return families;
    }

    private void line(String line) {
        if (line.startsWith("# HELP ") || line.startsWith("# TYPE ")) {
            String[] words = line.split(" ", COMMENT_WORDS);
            current = words[2];
            part(current).header.add(line);
        } else if (!line.isBlank() && !line.startsWith("#")) {
            sample(line);
        }
    }

    private void sample(String line) {
        int end = 0;
        while (end < line.length() && line.charAt(end) != '{' && line.charAt(end) != ' ') {
            end++;
        }
        String name = line.substring(0, end);
        // _bucket, _sum and _count belong to the histogram or summary whose header came last.
        String family = !current.isEmpty() && name.startsWith(current) ? current : name;
        part(family).samples.add(labelled(line, end));
    }

    private String labelled(String line, int nameEnd) {
        if (label.isEmpty()) {
            return line;
        }
        String name = line.substring(0, nameEnd);
        if (nameEnd < line.length() && line.charAt(nameEnd) == '{') {
            String rest = line.substring(nameEnd + 1);
            return name + "{" + label + (rest.startsWith("}") ? "" : ",") + rest;
        }
        return name + "{" + label + "}" + line.substring(nameEnd);
    }

    private Part part(String family) {
        return parts.computeIfAbsent(family, name -> new Part());
    }
}
