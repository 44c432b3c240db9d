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
 */
public record Scrape(
        boolean up,
        List<Collector> shown,
        Board board,
        List<SidecarPage> sidecars,
        Totals totals,
        long nowMillis,
        Duration waited) {
    public Scrape {
        shown = List.copyOf(shown);
        sidecars = List.copyOf(sidecars);
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
