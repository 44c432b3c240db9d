package org.pgpod.exporter.model;

import java.util.List;
import java.util.Optional;

/**
 * One metric family of another page.
 *
 * @param name as the text format has it: that of a counter includes its {@code _total}
 * @param help without escapes
 */
public record TextFamily(String name, Optional<MetricType> type, Optional<String> help, List<SampleLine> samples) {
    public TextFamily {
        samples = List.copyOf(samples);
    }
}
