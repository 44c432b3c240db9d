package org.pgpod.exporter.model;

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
        VersionRange versions) {}
