package org.pgpod.exporter.model;

import java.util.List;

/**
 * One metric family of another page, kept as the text it came in.
 *
 * @param header its {@code # HELP} and {@code # TYPE} lines
 * @param samples its other lines
 */
public record TextFamily(String name, List<String> header, List<String> samples) {
    public TextFamily {
        header = List.copyOf(header);
        samples = List.copyOf(samples);
    }
}
