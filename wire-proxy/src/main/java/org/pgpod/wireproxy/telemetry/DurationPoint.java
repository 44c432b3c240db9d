package org.pgpod.wireproxy.telemetry;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/** One series of a {@link DurationHistogram}. Observing without an exemplar neither allocates nor waits. */
public final class DurationPoint {
    private static final double NANOS_PER_SECOND = 1e9;

    private final long[] boundNanos;
    private final LongAdder[] counts;
    private final LongAdder sumNanos = new LongAdder();
    /** The latest of each bucket. */
    private final AtomicReferenceArray<Exemplar> exemplars;

    DurationPoint(long[] boundNanos) {
        this.boundNanos = boundNanos;
        this.counts = new LongAdder[boundNanos.length + 1];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
        this.exemplars = new AtomicReferenceArray<>(counts.length);
    }

    public void observe(long nanos) {
        counts[bucket(nanos)].increment();
        sumNanos.add(nanos);
    }

    /** The same, and remembers the trace that it belongs to. */
    public void observe(long nanos, Labels trace) {
        observe(nanos);
        exemplars.set(
                bucket(nanos),
                Exemplar.builder()
                        .value(nanos / NANOS_PER_SECOND)
                        .labels(trace)
                        .timestampMillis(System.currentTimeMillis())
                        .build());
    }

    private int bucket(long nanos) {
        int bucket = 0;
        while (bucket < boundNanos.length && nanos > boundNanos[bucket]) {
            bucket++;
        }
        return bucket;
    }

    HistogramDataPointSnapshot snapshot(Labels labels) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        List<Exemplar> shown = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            double bound = i < boundNanos.length ? boundNanos[i] / NANOS_PER_SECOND : Double.POSITIVE_INFINITY;
            buckets.bucket(bound, counts[i].sum());
            Exemplar exemplar = exemplars.get(i);
            if (exemplar != null) {
                shown.add(exemplar);
            }
        }
        return HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(buckets.build())
                .sum(sumNanos.sum() / NANOS_PER_SECOND)
                .exemplars(Exemplars.of(shown))
                .build();
    }
}
