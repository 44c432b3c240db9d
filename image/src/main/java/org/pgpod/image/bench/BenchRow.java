package org.pgpod.image.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * One measured figure of one subject.
 *
 * @param bench the benchmark's name: {@code failover}, {@code proxy}, …
 * @param scenario what was done, with its size and variant; called {@code case} in the file
 * @param subject {@code pgpod}, {@code direct}, or a peer with its version
 * @param metric what was measured
 * @param unit its unit
 * @param values one value of each round, in order
 * @param median their median
 * @param min the least
 * @param max the greatest
 */
record BenchRow(
        String bench,
        @JsonProperty("case") String scenario,
        String subject,
        String metric,
        String unit,
        List<Double> values,
        double median,
        double min,
        double max) {

    static BenchRow of(String bench, String scenario, String subject, String metric, String unit, List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(bench + " " + scenario + " " + subject + " has no round");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return new BenchRow(
                bench,
                scenario,
                subject,
                metric,
                unit,
                List.copyOf(values),
                median,
                sorted.getFirst(),
                sorted.getLast());
    }
}
