package org.pgpod.exporter.model;

import java.util.List;

/**
 * What one run of a collector brought.
 *
 * @param duplicateRows rows dropped because another row had the same labels
 * @param droppedSeries series dropped because the collector's budget was used up
 * @param skippedItems values of {@code each} whose query failed
 */
public record Collected(List<MetricFamily> families, int duplicateRows, int droppedSeries, int skippedItems) {
    public Collected {
        families = List.copyOf(families);
    }

    /** The same run with its families in another form. */
    public Collected with(List<MetricFamily> others) {
        return new Collected(others, duplicateRows, droppedSeries, skippedItems);
    }

    public int series() {
        int series = 0;
        for (MetricFamily family : families) {
            series += family.size();
        }
        return series;
    }
}
