package org.pgpod.exporter.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One histogram: how many observations are at most as large as each bound, and their sum and number. Bounds ascend and
 * are finite; that of all observations is not among them.
 */
public record HistogramValue(List<Bucket> buckets, double sum, double count) {
    /** More bounds are refused. */
    public static final int BUCKETS_MAX = 100;

    /** Series that a histogram has besides those of its buckets: the bucket of all, the sum, the count. */
    private static final int OTHER_SERIES = 3;

    public HistogramValue {
        buckets = List.copyOf(buckets);
    }

    /** How many observations are at most as large as a bound. */
    public record Bucket(double bound, double count) {}

    /**
     * A histogram from arrays of the same length; throws {@link IllegalArgumentException} when they are not, or a bound is
     * there twice.
     */
    public static HistogramValue of(List<Double> bounds, List<Double> counts, double sum, double count) {
        if (bounds.size() != counts.size() || bounds.size() > BUCKETS_MAX) {
            throw new IllegalArgumentException(bounds.size() + " bounds and " + counts.size()
                    + " counts of buckets; both" + " must be as many, at most " + BUCKETS_MAX);
        }
        List<Bucket> buckets = new ArrayList<>();
        for (int i = 0; i < bounds.size(); i++) {
            if (Double.isFinite(bounds.get(i))) {
                buckets.add(new Bucket(bounds.get(i), counts.get(i)));
            }
        }
        buckets.sort(Comparator.comparingDouble(Bucket::bound));
        for (int i = 1; i < buckets.size(); i++) {
            if (buckets.get(i - 1).bound() == buckets.get(i).bound()) {
                throw new IllegalArgumentException("the bound " + buckets.get(i).bound() + " is there twice");
            }
        }
        return new HistogramValue(buckets, sum, count);
    }

    /** How many series it makes. */
    public int series() {
        return buckets.size() + OTHER_SERIES;
    }
}
