package org.pgpod.exporter.model;

import java.util.Locale;
import java.util.Optional;

/** The types of metrics. Source: Prometheus text format 0.0.4. */
public enum MetricType {
    GAUGE,
    COUNTER,
    UNTYPED,
    /** Not made by collectors, but found on the pages of other sidecars. */
    HISTOGRAM,
    /** Not made by collectors, but found on the pages of other sidecars. */
    SUMMARY;

    /** As a {@code # TYPE} line says it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As OpenMetrics says it. */
    public String openMetrics() {
        return this == UNTYPED ? "unknown" : text();
    }

    /** The type that a {@code # TYPE} line of the text format names, if it is one. */
    static Optional<MetricType> ofText(String word) {
        for (MetricType type : values()) {
            if (type.text().equals(word)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
