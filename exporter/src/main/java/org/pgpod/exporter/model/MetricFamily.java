package org.pgpod.exporter.model;

import java.util.Arrays;

/** The series of one metric name, compact: for each its labels as text, such as {@code datname="app"}, and its value. */
public final class MetricFamily {
    private final String name;
    private final MetricType type;
    private final String help;
    private final String[] labels;
    private final double[] values;

    private MetricFamily(String name, MetricType type, String help, String[] labels, double[] values) {
        this.name = name;
        this.type = type;
        this.help = help;
        this.labels = labels;
        this.values = values;
    }

    /** A family with one series that has no labels. */
    public static MetricFamily of(String name, MetricType type, String help, double value) {
        return new MetricFamily(name, type, help, new String[] {""}, new double[] {value});
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

    /** Gathers the series of one family. */
    public static final class Builder {
        private static final int FIRST_CAPACITY = 8;

        private final String name;
        private final MetricType type;
        private final String help;
        private String[] labels = new String[FIRST_CAPACITY];
        private double[] values = new double[FIRST_CAPACITY];
        private int size;

        public Builder(String name, MetricType type, String help) {
            this.name = name;
            this.type = type;
            this.help = help;
        }

        public Builder add(String labelText, double value) {
            if (size == values.length) {
                labels = Arrays.copyOf(labels, size * 2);
                values = Arrays.copyOf(values, size * 2);
            }
            labels[size] = labelText;
            values[size] = value;
            size++;
            return this;
        }

        public MetricFamily build() {
            return new MetricFamily(name, type, help, Arrays.copyOf(labels, size), Arrays.copyOf(values, size));
        }
    }
}
