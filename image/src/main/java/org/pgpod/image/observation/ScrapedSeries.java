package org.pgpod.image.observation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics of scraped pages, each with all labels that any of its series has. */
public final class ScrapedSeries {
    /** Labels that Prometheus adds to every series of a target, and {@code up}, which it makes itself. */
    private static final Set<String> OF_TARGETS = Set.of("job", "instance", "namespace", "pod", "container");

    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+(?: \\d+)?(?: # .*)?");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)=\"(?:[^\"\\\\]|\\\\.)*\",?");

    private final Map<String, Set<String>> labels = new HashMap<>();

    public ScrapedSeries() {
        labels.put("up", new TreeSet<>());
    }

    /** Adds a page in the Prometheus text format. */
    public void add(String page) {
        page.lines().filter(line -> !line.startsWith("#") && !line.isBlank()).forEach(line -> {
            Matcher sample = SAMPLE.matcher(line);
            if (!sample.matches()) {
                throw new IllegalArgumentException("no sample: " + line);
            }
            Set<String> known = labels.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
            Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
            while (label.find()) {
                known.add(label.group(1));
            }
        });
    }

    /** Adds a metric that a healthy pod does not show, because nothing has happened that it counts. */
    public void addRare(String metric, Set<String> itsLabels) {
        labels.computeIfAbsent(metric, name -> new TreeSet<>(itsLabels));
    }

    public int size() {
        return labels.size();
    }

    /**
     * What an expression uses and no series has; empty when all of it is there.
     *
     * @param shown labels that legends or texts show of the result
     */
    public List<String> missing(MetricUses uses, Set<String> shown) {
        List<String> missing = new ArrayList<>();
        Set<String> all = new TreeSet<>(OF_TARGETS);
        for (MetricUses.Selector selector : uses.selectors()) {
            Set<String> known = labels.get(selector.metric());
            if (known == null) {
                missing.add("metric " + selector.metric());
                continue;
            }
            all.addAll(known);
            for (String label : selector.labels()) {
                if (!known.contains(label) && !OF_TARGETS.contains(label)) {
                    missing.add("label " + label + " of " + selector.metric());
                }
            }
        }
        for (String label : new TreeSet<>(union(uses.groupings(), shown))) {
            if (!all.contains(label)) {
                missing.add("label " + label + " of any metric beside it");
            }
        }
        return missing;
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> union = new TreeSet<>(one);
        union.addAll(other);
        return union;
    }
}
