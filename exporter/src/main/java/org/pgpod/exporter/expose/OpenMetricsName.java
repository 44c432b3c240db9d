package org.pgpod.exporter.expose;

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

    /**
     * The name for a family. A counter must end in {@code _total} in OpenMetrics; one of those that postgres_exporter names
     * otherwise has no known type there, as has one whose name without the end is that of another family.
     *
     * @param name as the text format has it
     * @param others the names of all families of the page in the text format
     */
    static OpenMetricsName of(String name, MetricType type, Set<String> others) {
        if (type != MetricType.COUNTER) {
            return new OpenMetricsName(name, type);
        }
        String base = name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : "";
        return base.isEmpty() || others.contains(base)
                ? new OpenMetricsName(name, MetricType.UNTYPED)
                : new OpenMetricsName(base, type);
    }

    /** The unit that a family's name ends in. */
    static Optional<String> unit(String name) {
        return UNITS.stream()
                .filter(unit -> name.endsWith("_" + unit) && !name.startsWith(WRAPAROUND))
                .findFirst();
    }
}
