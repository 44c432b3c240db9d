package org.pgpod.exporter.model;

import java.util.List;
import java.util.Optional;

/** The metrics that the exporter makes itself, besides those of its collectors and of its process. */
public enum OwnMetric {
    UP("pg_up", MetricType.GAUGE, "Whether a new login to Postgres works."),
    LAST_SCRAPE_DURATION(
            "pg_exporter_last_scrape_duration_seconds",
            MetricType.GAUGE,
            "Seconds that this scrape waited for collections."),
    LAST_SCRAPE_ERROR(
            "pg_exporter_last_scrape_error",
            MetricType.GAUGE,
            "Whether the last run of a collector failed or the server is down (1), or all is well (0)."),
    SCRAPES("pg_exporter_scrapes_total", MetricType.COUNTER, "Scrapes answered."),
    COLLECTOR_SUCCESS(
            "pg_scrape_collector_success",
            MetricType.GAUGE,
            "Whether the last run of the collector succeeded.",
            "collector"),
    FAMILY_AGE(
            "pgpod_exporter_family_age_seconds",
            MetricType.GAUGE,
            "Age of what the page shows of the family; grows while its collector is slow or fails.",
            "family"),
    FAMILY_SERIES("pgpod_exporter_family_series", MetricType.GAUGE, "Series of the family on the page.", "family"),
    FAMILY_FAILURES(
            "pgpod_exporter_family_failures_total",
            MetricType.COUNTER,
            "Runs of the family's collector that failed.",
            "family"),
    DUPLICATE_ROWS(
            "pgpod_exporter_duplicate_rows_total",
            MetricType.COUNTER,
            "Rows dropped because another row had the same labels.",
            "family"),
    DROPPED_SERIES(
            "pgpod_exporter_dropped_series_total",
            MetricType.COUNTER,
            "Series dropped because the family had more than its maxSeries.",
            "family"),
    SKIPPED_ITEMS(
            "pgpod_exporter_skipped_items_total",
            MetricType.COUNTER,
            "Objects that a background collector skipped because their query failed.",
            "family"),
    COLLECTIONS("pgpod_exporter_collections_total", MetricType.COUNTER, "Collections that scrapes shared."),
    LOGINS("pgpod_exporter_logins_total", MetricType.COUNTER, "Logins to Postgres tried, for checks and for sessions."),
    LATE_SCRAPES(
            "pgpod_exporter_late_scrapes_total",
            MetricType.COUNTER,
            "Scrapes answered with older results because a collection was not done at their deadline."),
    MERGE_UP(
            "pgpod_exporter_merge_up", MetricType.GAUGE, "Whether the sidecar's own metrics could be read.", "sidecar"),
    RELOAD_SUCCESSFUL(
            "pgpod_exporter_config_last_reload_successful",
            MetricType.GAUGE,
            "Whether the files as they are now are in use (1), or the last good ones because these are wrong (0).",
            "configuration"),
    CERTIFICATE_EXPIRY(
            "pgpod_exporter_certificate_expiry_timestamp_seconds",
            MetricType.GAUGE,
            "When the certificate of the exporter's port expires, in seconds since the epoch.");

    private final String metric;
    private final MetricType type;
    private final String help;
    private final Optional<String> label;

    OwnMetric(String metric, MetricType type, String help) {
        this(metric, type, help, Optional.empty());
    }

    OwnMetric(String metric, MetricType type, String help, String label) {
        this(metric, type, help, Optional.of(label));
    }

    OwnMetric(String metric, MetricType type, String help, Optional<String> label) {
        this.metric = metric;
        this.type = type;
        this.help = help;
        this.label = label;
    }

    public String metric() {
        return metric;
    }

    public MetricType type() {
        return type;
    }

    public String help() {
        return help;
    }

    public List<String> labels() {
        return label.stream().toList();
    }

    public MetricFamily of(double value) {
        return MetricFamily.of(metric, type, help, value);
    }

    public MetricFamily.Builder builder() {
        return new MetricFamily.Builder(metric, type, help);
    }
}
