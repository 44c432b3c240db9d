package org.pgpod.wireproxy;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.wireproxy.telemetry.Label;
import org.pgpod.wireproxy.telemetry.LabelSets;

/**
 * The part of the section {@code wireProxy} that says what is measured and told of statements.
 *
 * @param labels what tells series of durations and sessions apart
 * @param labelValuesMax how many values each of them may have
 */
record ObservationSettings(Set<Label> labels, int labelValuesMax) {
    private static final Option<Set<Label>> LABELS = Options.of(
                    "metricLabels",
                    "a list of database, user, application",
                    "Labels of durations and of sessions by state.",
                    ObservationSettings::labels)
            .withDefault("database, user");
    private static final Option<Integer> LABEL_VALUES_MAX = Options.number(
                    "labelValuesMax",
                    1,
                    LabelSets.SETS_MAX,
                    "Values that each of these labels may have; later ones become `other`.")
            .withDefault("20");

    static final List<Option<?>> OPTIONS = List.of(LABELS, LABEL_VALUES_MAX);

    static ObservationSettings from(Values values) {
        return new ObservationSettings(values.get(LABELS), values.get(LABEL_VALUES_MAX));
    }

    private static Set<Label> labels(String text) {
        Set<Label> labels = EnumSet.noneOf(Label.class);
        Arrays.stream(text.split("[,\n]", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .forEach(name -> labels.add(label(name)));
        return labels;
    }

    private static Label label(String name) {
        for (Label label : Label.values()) {
            if (label.name().toLowerCase(Locale.ROOT).equals(name)) {
                return label;
            }
        }
        throw new IllegalArgumentException("no such label");
    }
}
