package org.pgpod.exporter.expose;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgpod.exporter.model.MetricType;

/**
 * The name and type of a family in OpenMetrics, under which each of its series keeps the name that it has in the text
 * format: dashboards must not notice which format Prometheus chose.
 */
record OpenMetricsName(String name, MetricType type) {
    private static final String TOTAL = "_total";
    private static final List<String> UNITS = List.of("seconds", "bytes");

    /** Ages in transactions, which postgres_exporter calls seconds: a unit would be a lie. */
    private static final String WRAPAROUND = "pg_database_wraparound_";

    /** The names of one page. */
    static final class Names {
        private final Set<String> taken = new HashSet<>();

        /**
         * The name for a family. A counter must end in {@code _total} in OpenMetrics; one of those that postgres_exporter
         * names otherwise has no known type there, as has one whose name without the end is that of another family.
         */
        OpenMetricsName of(String name, MetricType type) {
            if (type != MetricType.COUNTER) {
                taken.add(name);
                return new OpenMetricsName(name, type);
            }
            String base = name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : "";
            if (base.isEmpty() || !taken.add(base)) {
                taken.add(name);
                return new OpenMetricsName(name, MetricType.UNTYPED);
            }
            return new OpenMetricsName(base, type);
        }
    }

    /** The unit that a family's name ends in. */
    static Optional<String> unit(String name) {
        return UNITS.stream()
                .filter(unit -> name.endsWith("_" + unit) && !name.startsWith(WRAPAROUND))
                .findFirst();
    }
}
