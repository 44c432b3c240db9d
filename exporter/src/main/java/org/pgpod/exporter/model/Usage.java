package org.pgpod.exporter.model;

import java.util.Optional;

/** What a column of a query's result is for. */
public enum Usage {
    /** A label of every metric of the row. */
    LABEL,
    GAUGE,
    COUNTER,
    UNTYPED,
    /** The bounds of a histogram's buckets, an array; see {@link Column#histogramParts}. */
    HISTOGRAM,
    /** The end of the row's metric name: {@code <family>_<value>}. A collector has one such column or none. */
    NAME,
    /** The help text of a metric that is named by {@link #NAME}. */
    HELP,
    /** Read and not shown. */
    DISCARD;

    /** The type of the metric that such a column makes, if it makes one. */
    public Optional<MetricType> type() {
        return switch (this) {
            case GAUGE -> Optional.of(MetricType.GAUGE);
            case COUNTER -> Optional.of(MetricType.COUNTER);
            case UNTYPED -> Optional.of(MetricType.UNTYPED);
            case HISTOGRAM -> Optional.of(MetricType.HISTOGRAM);
            case LABEL, NAME, HELP, DISCARD -> Optional.empty();
        };
    }
}
