package org.pgpod.exporter.model;

/** Who runs a collector. */
public enum Cadence {
    /** The collection that a scrape waits for: cheap counters, all in one round trip. */
    SCRAPE,
    /** The background job, whose results no scrape ever waits for. */
    BACKGROUND
}
