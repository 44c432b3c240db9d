package org.pgpod.exporter.loop;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.pgpod.exporter.model.OwnMetric;
import org.pgpod.exporter.model.Scrape;

/** The exporter's own counters, from any thread. */
final class Counters {
    private final Map<OwnMetric, LongAdder> adders = new ConcurrentHashMap<>();

    void count(OwnMetric metric) {
        adders.computeIfAbsent(metric, _ -> new LongAdder()).increment();
    }

    Scrape.Totals totals() {
        Map<OwnMetric, Long> values = new HashMap<>();
        adders.forEach((metric, adder) -> values.put(metric, adder.sum()));
        return new Scrape.Totals(values);
    }
}
