package org.pgpod.image.observation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The alerts and dashboards of {@code docs/}, as they are packed beside this class. */
public final class WatchFiles {
    public static final String RULES = "pgpod-rules.yaml";
    public static final List<String> DASHBOARDS = List.of("cluster.json", "instance.json", "proxy.json", "logs.json");

    /** Metrics that appear when something has happened for the first time, with their labels. */
    private static final Map<String, Set<String>> RARE = Map.ofEntries(
            Map.entry("pgpod_log_sink_errors_total", Set.of("state")),
            Map.entry("pgpod_proxy_errors_total", Set.of("sqlstate", "class")),
            // Only with mergeTargets.
            Map.entry("pgpod_exporter_merge_up", Set.of("sidecar")),
            // Only with data checksums.
            Map.entry("pg_stat_database_checksum_failures_total", Set.of("datname")),
            // Without a limit, or where the pod does not show the container, the exporter leaves these out.
            Map.entry("pgpod_container_cpu_usage_seconds_total", Set.of()),
            Map.entry("pgpod_container_cpu_cfs_periods_total", Set.of()),
            Map.entry("pgpod_container_cpu_cfs_throttled_periods_total", Set.of()),
            Map.entry("pgpod_container_memory_working_set_bytes", Set.of()),
            Map.entry("pgpod_container_memory_limit_bytes", Set.of()),
            Map.entry("pgpod_container_memory_events_total", Set.of("event")),
            Map.entry("pgpod_container_pressure_cpu_waiting_seconds_total", Set.of()),
            Map.entry("pgpod_container_pressure_io_waiting_seconds_total", Set.of()));

    private static final Pattern SHOWN_BY_ALERT = Pattern.compile("\\$labels\\.(\\w+)");
    private static final Pattern SHOWN_BY_LEGEND = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((?:(.*),)?\\s*(\\w+)\\)");

    private WatchFiles() {}

    /**
     * One expression and what is shown of its result.
     *
     * @param place where it stands, for messages
     * @param shown labels in texts and legends
     */
    public record Use(String place, String expression, Set<String> shown) {
        public Use {
            shown = Set.copyOf(shown);
        }
    }

    /** The content of a file. */
    public static String text(String file) {
        try (InputStream stream = WatchFiles.class.getResourceAsStream(file)) {
            if (stream == null) {
                throw new IllegalStateException(file + " is not packed");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The rules as a tree. */
    public static JsonNode rules() {
        return tree(new YAMLMapper(), RULES);
    }

    /** A dashboard as a tree. */
    public static JsonNode dashboard(String file) {
        return tree(new ObjectMapper(), file);
    }

    private static JsonNode tree(ObjectMapper mapper, String file) {
        try {
            return mapper.readTree(text(file));
        } catch (IOException malformed) {
            throw new UncheckedIOException(file, malformed);
        }
    }

    /** What alerts and dashboards use and these series do not have, each with its place. */
    public static List<String> missing(ScrapedSeries series) {
        RARE.forEach(series::addRare);
        List<String> missing = new ArrayList<>();
        for (Use use : uses()) {
            series.missing(MetricUses.of(use.expression()), use.shown())
                    .forEach(what -> missing.add(use.place() + ": " + what));
        }
        return missing;
    }

    /** Every expression of every alert and dashboard. */
    public static List<Use> uses() {
        List<Use> uses = new ArrayList<>();
        for (JsonNode group : rules().path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                uses.add(new Use(
                        RULES + " " + rule.path("alert").asText(),
                        rule.path("expr").asText(),
                        found(SHOWN_BY_ALERT, rule.path("annotations").toString())));
            }
        }
        for (String file : DASHBOARDS) {
            JsonNode dashboard = dashboard(file);
            for (JsonNode panel : dashboard.path("panels")) {
                for (JsonNode target : panel.path("targets")) {
                    uses.add(new Use(
                            file + " " + panel.path("title").asText(),
                            target.path("expr").asText(),
                            found(SHOWN_BY_LEGEND, target.path("legendFormat").asText())));
                }
            }
            variables(file, dashboard, uses);
        }
        return uses;
    }

    private static void variables(String file, JsonNode dashboard, List<Use> uses) {
        for (JsonNode variable : dashboard.path("templating").path("list")) {
            if (variable.path("type").asText().equals("query")) {
                Matcher values = LABEL_VALUES.matcher(
                        variable.path("query").path("query").asText());
                if (!values.matches() || values.group(1) == null) {
                    throw new IllegalArgumentException(file + ": variable " + variable.path("name"));
                }
                uses.add(new Use(
                        file + " variable " + variable.path("name").asText(),
                        values.group(1),
                        Set.of(values.group(2))));
            }
        }
    }

    private static Set<String> found(Pattern pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }
}
