package org.pgpod.exporter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A scraped page, read strictly: a line that is no comment or sample, or a second header or series, is an error. */
record Page(String text, Map<String, String> types, Map<String, Double> series, long millis) {
    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*(?:\\{(?:[a-zA-Z_]\\w*=\"(?:[^\"\\\\]|\\\\.)*\",?)*})?) (\\S+)");

    static Page parse(String text, long millis) {
        Map<String, String> types = new LinkedHashMap<>();
        Map<String, Double> series = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ", -1);
                if (types.put(words[2], words[3]) != null) {
                    throw new AssertionError("second header: " + line);
                }
            } else if (!line.startsWith("# HELP ")) {
                Matcher matcher = SAMPLE.matcher(line);
                if (!matcher.matches()) {
                    throw new AssertionError("no sample: " + line);
                }
                double value = Double.parseDouble(matcher.group(2).replace("Inf", "Infinity"));
                if (series.put(matcher.group(1), value) != null) {
                    throw new AssertionError("second series: " + line);
                }
            }
        }
        return new Page(text, types, series, millis);
    }

    boolean has(String name) {
        return series.containsKey(name);
    }

    double value(String name) {
        Double value = series.get(name);
        if (value == null) {
            throw new AssertionError("no series " + name + " among " + like(name.replaceFirst("[{].*", "")));
        }
        return value;
    }

    /** All series whose names begin so. */
    List<String> like(String beginning) {
        List<String> found = new ArrayList<>();
        for (String name : series.keySet()) {
            if (name.startsWith(beginning)) {
                found.add(name);
            }
        }
        return found;
    }

    double age(String family) {
        return value("pgpod_exporter_family_age_seconds{family=\"" + family + "\"}");
    }
}
