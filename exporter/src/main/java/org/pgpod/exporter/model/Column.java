package org.pgpod.exporter.model;

import java.util.List;
import java.util.OptionalDouble;

/**
 * One declared column of a collector's result.
 *
 * @param name its name in the result
 * @param shownName its name as a label, or the end of its metric's name
 * @param description the help text
 * @param scale what values are multiplied with
 * @param standard the value shown for NULL; without one, NULL makes no series
 * @param versions the major versions whose query has the column
 */
public record Column(
        String name,
        Usage usage,
        String shownName,
        String description,
        double scale,
        OptionalDouble standard,
        VersionRange versions) {
    /**
     * The columns that belong to a histogram besides that of the bounds: an array of how many observations each bucket holds,
     * those of smaller bounds included, the sum of all observations, and their number. Source: postgres_exporter's
     * queries.yaml.
     */
    public List<String> histogramParts() {
        return usage == Usage.HISTOGRAM ? List.of(name + "_bucket", name + "_sum", name + "_count") : List.of();
    }
}
