package org.pgpod.exporter.model;

import java.util.Locale;

/** The two formats in which pages of metrics are written and read. Sources: Prometheus text format 0.0.4, OpenMetrics 1.0. */
public enum ExpositionFormat {
    TEXT("text/plain; version=0.0.4; charset=utf-8"),
    /** Counters end in {@code _total}, times are seconds, counters and buckets may have exemplars, {@code # EOF} ends a page. */
    OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

    /** The media type of OpenMetrics without its parameters. */
    public static final String OPEN_METRICS_TYPE = "application/openmetrics-text";

    private final String contentType;

    ExpositionFormat(String contentType) {
        this.contentType = contentType;
    }

    public String contentType() {
        return contentType;
    }

    /** The format that an answer's Content-Type names; what is not OpenMetrics is read as text. */
    public static ExpositionFormat of(String contentType) {
        return contentType.strip().toLowerCase(Locale.ROOT).startsWith(OPEN_METRICS_TYPE) ? OPEN_METRICS : TEXT;
    }
}
