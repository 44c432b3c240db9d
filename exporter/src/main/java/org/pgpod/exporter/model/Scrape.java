package org.pgpod.exporter.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * All that one page shows.
 *
 * @param up whether a new login works
 * @param shown the collectors in use whose results may be shown, none when the server is silent
 * @param board what they brought
 * @param sidecars the other sidecars' pages
 * @param nowMillis the boot clock when the scrape was put together, from which ages count
 * @param waited how long the scrape waited for collections
 * @param host what the kernel says of Postgres and of the volumes
 */
public record Scrape(
        boolean up,
        List<Collector> shown,
        Board board,
        List<SidecarPage> sidecars,
        Totals totals,
        long nowMillis,
        Duration waited,
        List<MetricFamily> host) {
    public Scrape {
        shown = List.copyOf(shown);
        sidecars = List.copyOf(sidecars);
        host = List.copyOf(host);
    }

    /** A scrape without what the kernel says. */
    public Scrape(
            boolean up,
            List<Collector> shown,
            Board board,
            List<SidecarPage> sidecars,
            Totals totals,
            long nowMillis,
            Duration waited) {
        this(up, shown, board, sidecars, totals, nowMillis, waited, List.of());
    }

    public Scrape with(List<MetricFamily> families) {
        return new Scrape(up, shown, board, sidecars, totals, nowMillis, waited, families);
    }

    /** The exporter's own counters since it started, by the metric that shows them. */
    public record Totals(Map<OwnMetric, Long> values) {
        public Totals {
            values = Map.copyOf(values);
        }

        public long of(OwnMetric metric) {
            return values.getOrDefault(metric, 0L);
        }
    }
}
