package org.pgpod.wireproxy;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.wireproxy.telemetry.Label;
import org.pgpod.wireproxy.telemetry.LabelSets;
import org.pgpod.wireproxy.traces.SpanExport;

/**
 * The part of the section {@code wireProxy} that says what is measured and told of statements.
 *
 * @param labels what tells series of durations and sessions apart
 * @param labelValuesMax how many values each of them may have
 * @param slowStatementThreshold what takes longer is logged; zero logs nothing
 * @param tracesEndpoint where spans go; empty sends none
 * @param tracesSampleRatio the share of statements without a trace of their client that begin one
 * @param tracesQueryText whether spans carry texts
 */
record ObservationSettings(
        Set<Label> labels,
        int labelValuesMax,
        Duration slowStatementThreshold,
        Optional<URI> tracesEndpoint,
        double tracesSampleRatio,
        SpanExport.QueryText tracesQueryText) {
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

    private static final Option<Duration> SLOW_STATEMENT_THRESHOLD = Options.duration(
                    "slowStatementThreshold",
                    Duration.ZERO,
                    Duration.ofDays(1),
                    "Statements that take this long are logged without their literals; `0s` logs none.")
            .withDefault("0s");
    private static final Option<Optional<URI>> TRACES_ENDPOINT = Options.of(
                    "tracesEndpoint",
                    "an address such as http://collector:4318/v1/traces, or empty for none",
                    "Where spans of statements are sent by OTLP over HTTP.",
                    ObservationSettings::endpoint)
            .withDefault("");
    private static final Option<Double> TRACES_SAMPLE_RATIO = Options.of(
                    "tracesSampleRatio",
                    "a number from 0 to 1",
                    "The share of statements without a `traceparent` that get a span; one with it follows its client.",
                    ObservationSettings::ratio)
            .withDefault("0");
    private static final Option<SpanExport.QueryText> TRACES_QUERY_TEXT = Options.choice(
                    "tracesQueryText",
                    SpanExport.QueryText.class,
                    "Whether spans carry the statement's text; `normalized` is without its literals.")
            .withDefault("off");

    static final List<Option<?>> OPTIONS = List.of(
            LABELS,
            LABEL_VALUES_MAX,
            SLOW_STATEMENT_THRESHOLD,
            TRACES_ENDPOINT,
            TRACES_SAMPLE_RATIO,
            TRACES_QUERY_TEXT);

    static ObservationSettings from(Values values) {
        return new ObservationSettings(
                values.get(LABELS),
                values.get(LABEL_VALUES_MAX),
                values.get(SLOW_STATEMENT_THRESHOLD),
                values.get(TRACES_ENDPOINT),
                values.get(TRACES_SAMPLE_RATIO),
                values.get(TRACES_QUERY_TEXT));
    }

    private static Set<Label> labels(String text) {
        Set<Label> labels = EnumSet.noneOf(Label.class);
        Arrays.stream(text.split("[,\n]", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .forEach(name -> labels.add(label(name)));
        return labels;
    }

    private static Optional<URI> endpoint(String text) {
        if (text.isBlank()) {
            return Optional.empty();
        }
        URI endpoint = URI.create(text.strip());
        boolean served = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        if (!served || endpoint.getHost() == null) {
            throw new IllegalArgumentException("no address of a collector");
        }
        return Optional.of(endpoint);
    }

    private static double ratio(String text) {
        double ratio = Double.parseDouble(text);
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("out of bounds");
        }
        return ratio;
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
