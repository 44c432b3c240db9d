package org.pgpod.wireproxy.telemetry;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A histogram of times in seconds with fixed buckets from 0.1 ms to a minute. The library's own makes an object of a
 * number at each observation of a native histogram, and of a trace only what its thread says.
 */
final class DurationHistogram implements Collector {
    private static final long MICROS = 1_000;
    private static final long MILLIS = 1_000 * MICROS;
    private static final long SECONDS = 1_000 * MILLIS;
    private static final long[] BOUND_NANOS = {
        100 * MICROS,
        250 * MICROS,
        500 * MICROS,
        MILLIS,
        2_500 * MICROS,
        5 * MILLIS,
        10 * MILLIS,
        25 * MILLIS,
        50 * MILLIS,
        100 * MILLIS,
        250 * MILLIS,
        500 * MILLIS,
        SECONDS,
        2_500 * MILLIS,
        5 * SECONDS,
        10 * SECONDS,
        30 * SECONDS,
        60 * SECONDS
    };

    private final String name;
    private final String help;
    private final List<String> labels;
    private final Map<List<String>, DurationPoint> points = new ConcurrentHashMap<>();

    DurationHistogram(String name, String help, List<String> labels) {
        this.name = name;
        this.help = help;
        this.labels = List.copyOf(labels);
    }

    /** The series with these values of the labels; made when it is asked for first. */
    DurationPoint point(List<String> values) {
        if (values.size() != labels.size()) {
            throw new IllegalArgumentException(name + " has the labels " + labels + ", not " + values.size());
        }
        return points.computeIfAbsent(List.copyOf(values), unseen -> new DurationPoint(BOUND_NANOS));
    }

    @Override
    public MetricSnapshot collect() {
        HistogramSnapshot.Builder snapshot =
                HistogramSnapshot.builder().name(name).help(help);
        points.forEach((values, point) -> snapshot.dataPoint(point.snapshot(Labels.of(labels, values))));
        return snapshot.build();
    }
}
