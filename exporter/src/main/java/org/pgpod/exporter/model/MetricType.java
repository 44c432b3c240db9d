package org.pgpod.exporter.model;

import java.util.Locale;

/** The types of metrics that collectors make. Source: Prometheus text format 0.0.4. */
public enum MetricType {
    GAUGE,
    COUNTER,
    UNTYPED;

    /** As a {@code # TYPE} line says it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
