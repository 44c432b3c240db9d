package org.pgpod.exporter.catalog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Scope;

/**
 * Which collectors are used.
 *
 * @param enabled names of collectors that are used although they are off by default
 * @param disabled names of collectors that are not used
 * @param profiles the sets of other names to show
 * @param seriesMax other limits of series, by the collector's name
 */
public record Choice(
        List<String> enabled, List<String> disabled, List<String> profiles, Map<String, Integer> seriesMax) {
    /** What is used unless the configuration says otherwise. */
    public static final Choice STANDARD = new Choice(List.of(), List.of(), List.of(), Map.of());

    public Choice {
        enabled = List.copyOf(enabled);
        disabled = List.copyOf(disabled);
        profiles = List.copyOf(profiles);
        seriesMax = Map.copyOf(seriesMax);
    }

    /** Whether a collector is used. */
    public boolean uses(Collector collector) {
        Scope scope = collector.scope();
        if (disabled.contains(collector.name())) {
            return false;
        }
        return enabled.contains(collector.name())
                || (scope.standard() == Scope.Standard.ON
                        && scope.profile().stream().allMatch(profiles::contains));
    }

    /** The collector with the limit of series that was chosen for it. */
    public Collector limited(Collector collector) {
        return collector.withSeriesMax(seriesMax.getOrDefault(collector.name(), collector.seriesMax()));
    }

    /** What names no collector, or is said twice, as sentences. */
    List<String> problems(Collection<String> collectors, Collection<String> knownProfiles) {
        List<String> problems = new ArrayList<>();
        unknown("exporter.enabledCollectors", enabled, collectors, "collector", problems);
        unknown("exporter.disabledCollectors", disabled, collectors, "collector", problems);
        unknown("exporter.maxSeries", Fields.sorted(seriesMax.keySet()), collectors, "collector", problems);
        unknown("exporter.compatibility", profiles, knownProfiles, "set of names", problems);
        Set<String> both = new TreeSet<>(enabled);
        both.retainAll(disabled);
        both.forEach(name -> problems.add("exporter.enabledCollectors and exporter.disabledCollectors both name '"
                + name + "'; a collector is in one of them or in none"));
        return problems;
    }

    private static void unknown(
            String option, List<String> names, Collection<String> known, String kind, List<String> problems) {
        for (String name : names) {
            if (!known.contains(name)) {
                problems.add(option + " names '" + name + "', which is no " + kind + "; there are "
                        + String.join(", ", Fields.sorted(known)));
            }
        }
    }
}
