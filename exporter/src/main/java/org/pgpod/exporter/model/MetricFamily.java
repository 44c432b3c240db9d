package org.pgpod.exporter.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * The series of one metric name, compact: for each its labels as text, such as {@code datname="app"}, and its value. A
 * histogram has several series for each of its label sets, told apart by their parts.
 */
public final class MetricFamily {
    private final String name;
    private final MetricType type;
    private final String help;
    private final String[] labels;
    private final double[] values;
    private final Part[] parts;
    private final Optional<PackedLines> packed;

    private MetricFamily(
            String name,
            MetricType type,
            String help,
            String[] labels,
            double[] values,
            Part[] parts,
            Optional<PackedLines> packed) {
        this.name = name;
        this.type = type;
        this.help = help;
        this.labels = labels;
        this.values = values;
        this.parts = parts;
        this.packed = packed;
    }

    /** What a series is to its family. */
    public sealed interface Part {
        /** All there is. */
        record Whole() implements Part {}

        /** The observations of a histogram up to a bound, all of them at an infinite one. */
        record Bucket(double bound) implements Part {}

        /** The sum of a histogram's observations. */
        record Sum() implements Part {}

        /** The number of a histogram's observations. */
        record Count() implements Part {}
    }

    /** A family with one series that has no labels. */
    public static MetricFamily of(String name, MetricType type, String help, double value) {
        return new Builder(name, type, help).add("", value).build();
    }

    public String name() {
        return name;
    }

    public MetricType type() {
        return type;
    }

    public String help() {
        return help;
    }

    public int size() {
        return values.length;
    }

    /** The labels of a series without braces, empty for none; escaped as the text format demands. */
    public String labels(int series) {
        return labels[series];
    }

    public double value(int series) {
        return values[series];
    }

    /** What a series is: {@link Part.Whole} unless the family is a histogram. */
    public Part part(int series) {
        return parts.length == 0 ? Builder.WHOLE : parts[series];
    }

    /** The lines of its series, if they were made ahead of the pages that show them. */
    public Optional<PackedLines> packed() {
        return packed;
    }

    /** The same family with its lines made ahead. */
    public MetricFamily with(PackedLines lines) {
        return new MetricFamily(name, type, help, labels, values, parts, Optional.of(lines));
    }

    /** Gathers the series of one family. */
    public static final class Builder {
        private static final int FIRST_CAPACITY = 8;
        private static final Part WHOLE = new Part.Whole();
        private static final Part[] ALL_WHOLE = {};

        private final String name;
        private final MetricType type;
        private final String help;
        private String[] labels = new String[FIRST_CAPACITY];
        private double[] values = new double[FIRST_CAPACITY];
        private Part[] parts;
        private int size;

        public Builder(String name, MetricType type, String help) {
            this.name = name;
            this.type = type;
            this.help = help;
            this.parts = type == MetricType.HISTOGRAM ? new Part[FIRST_CAPACITY] : ALL_WHOLE;
        }

        public Builder add(String labelText, double value) {
            return add(labelText, WHOLE, value);
        }

        private Builder add(String labelText, Part part, double value) {
            if (size == values.length) {
                labels = Arrays.copyOf(labels, size * 2);
                values = Arrays.copyOf(values, size * 2);
                parts = parts.length == 0 ? parts : Arrays.copyOf(parts, size * 2);
            }
            labels[size] = labelText;
            values[size] = value;
            if (type == MetricType.HISTOGRAM) {
                parts[size] = part;
            }
            size++;
            return this;
        }

        /** Adds one histogram; its buckets, which count all up to their bound, its sum and its count. */
        public Builder add(String labelText, HistogramValue histogram) {
            for (HistogramValue.Bucket bucket : histogram.buckets()) {
                add(labelText, new Part.Bucket(bucket.bound()), bucket.count());
            }
            add(labelText, new Part.Bucket(Double.POSITIVE_INFINITY), histogram.count());
            add(labelText, new Part.Sum(), histogram.sum());
            return add(labelText, new Part.Count(), histogram.count());
        }

        public MetricFamily build() {
            return new MetricFamily(
                    name,
                    type,
                    help,
                    Arrays.copyOf(labels, size),
                    Arrays.copyOf(values, size),
                    type == MetricType.HISTOGRAM ? Arrays.copyOf(parts, size) : ALL_WHOLE,
                    Optional.empty());
        }
    }
}
