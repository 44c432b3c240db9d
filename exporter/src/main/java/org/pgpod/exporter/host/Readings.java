package org.pgpod.exporter.host;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.pgpod.exporter.model.HostMetric;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;

/** Gathers the series of one reading. A metric of which nothing was read has no family. */
final class Readings {
    private final Map<HostMetric, MetricFamily.Builder> builders = new EnumMap<>(HostMetric.class);

    /** Adds a series; {@code labelValues} follow the metric's labels. */
    Readings add(HostMetric metric, double value, String... labelValues) {
        if (labelValues.length != metric.labels().size()) {
            throw new IllegalArgumentException(metric + " has the labels " + metric.labels());
        }
        LabelText labels = new LabelText();
        for (int i = 0; i < labelValues.length; i++) {
            labels.add(metric.labels().get(i), labelValues[i]);
        }
        builders.computeIfAbsent(metric, key -> new MetricFamily.Builder(key.metric(), key.type(), key.help()))
                .add(labels.toString(), value);
        return this;
    }

    List<MetricFamily> families() {
        List<MetricFamily> families = new ArrayList<>();
        builders.values().forEach(builder -> families.add(builder.build()));
        return families;
    }
}
