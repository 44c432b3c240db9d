package org.pgpod.exporter.catalog;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.VersionRange;

/**
 * Reads queries in the formats of other exporters, each of which becomes a collector that runs in the background: no scrape
 * waits for SQL that was written for another exporter. What cannot be kept is refused, with file, family and column.
 */
final class ForeignQueries {
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String TIMEOUT = "10s";
    private static final Set<String> USAGES = Set.of("LABEL", "GAUGE", "COUNTER", "DISCARD");

    /** The formats. Sources: the documentation of postgres_exporter 0.20 and of CloudNativePG 1.30. */
    enum Format {
        /** {@code queries.yaml} of {@code --extend.query-path}. */
        POSTGRES_EXPORTER("queries/", "", "15s"),
        /** A value of a ConfigMap or Secret named in {@code .spec.monitoring}; its metrics begin with {@code cnpg_}. */
        CNPG("cnpg/", "cnpg_", "30s");

        private final String collectors;
        private final String metrics;
        private final String ttl;

        /**
         * A format.
         *
         * @param collectors how names of collectors begin
         * @param metrics how names of metrics begin
         * @param ttl of a query without {@code cache_seconds}
         */
        Format(String collectors, String metrics, String ttl) {
            this.collectors = collectors;
            this.metrics = metrics;
            this.ttl = ttl;
        }
    }

    private static final Set<String> KEYS = Set.of("query", "metrics", "master", "cache_seconds", "runonserver");
    private static final Set<String> CNPG_KEYS = Set.of(
            "query",
            "metrics",
            "name",
            "master",
            "primary",
            "cache_seconds",
            "runonserver",
            "predicate_query",
            "target_databases");

    private final Format format;
    private final String source;
    private final List<String> problems;

    private ForeignQueries(Format format, String source, List<String> problems) {
        this.format = format;
        this.source = source;
        this.problems = problems;
    }

    /** The collectors of a file, without those that have problems. */
    static List<Collector> read(Format format, String source, byte[] content, List<String> problems) {
        try {
            return new ForeignQueries(format, source, problems).collectors(YAML.readTree(content));
        } catch (JsonProcessingException malformed) {
            String line = malformed.getLocation() == null
                    ? ""
                    : ":" + malformed.getLocation().getLineNr();
            problems.add(source + line + ": not readable as YAML: " + malformed.getOriginalMessage());
        } catch (IOException impossible) {
            problems.add(source + ": cannot be read: " + impossible.getMessage());
        }
        return List.of();
    }

    private List<Collector> collectors(JsonNode root) throws JsonProcessingException {
        List<Collector> collectors = new ArrayList<>();
        if (root.isMissingNode() || root.isNull()) {
            return collectors;
        }
        if (!root.isObject()) {
            problems.add(source + ": the file must be a map of names of metrics to queries");
        }
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            int before = problems.size();
            String family = entry.getKey();
            ObjectNode translated =
                    translated(new Fields(source + ": family " + family, problems), family, entry.getValue());
            if (problems.size() == before) {
                CollectorReader.read(format.collectors + family, source, YAML.writeValueAsBytes(translated), problems)
                        .ifPresent(collectors::add);
            }
        }
        return collectors;
    }

    /** The same in the form of our own files. */
    private ObjectNode translated(Fields fields, String family, JsonNode node) {
        fields.refuseUnknown(
                node,
                switch (format) {
                    case POSTGRES_EXPORTER -> KEYS;
                    case CNPG -> CNPG_KEYS;
                });
        ObjectNode own = YAML.createObjectNode();
        own.put("family", format.metrics + fields.text(node, "name").orElse(family));
        own.put("description", "A query of " + source + ".");
        own.put("run", "background");
        own.put("timeout", TIMEOUT);
        own.put("ttl", ttl(fields, node));
        if (fields.flag(node, "master", false) || fields.flag(node, "primary", false)) {
            own.putArray("tags").add("primary");
        }
        if (node.has("target_databases")) {
            fields.problem("target_databases is not supported; the query runs in the database postgres");
        }
        fields.text(node, "predicate_query").ifPresent(predicate -> own.put("each", onlyIf(predicate)));
        queries(fields, node, own);
        ArrayNode metrics = own.putArray("metrics");
        for (JsonNode column : node.path("metrics")) {
            column.properties()
                    .forEach(entry -> metrics.addObject()
                            .set(entry.getKey(), column(fields.within("column " + entry.getKey()), family, entry)));
        }
        return own;
    }

    private String ttl(Fields fields, JsonNode node) {
        JsonNode seconds = node.path("cache_seconds");
        if (seconds.isMissingNode() || (seconds.isInt() && seconds.asInt() == 0)) {
            return format.ttl;
        }
        if (!seconds.isInt() || seconds.asInt() < 0) {
            fields.problem("cache_seconds is '" + seconds.asText() + "'; it must be a whole number of seconds");
        }
        return seconds.asText() + "s";
    }

    /** One item for which the query runs, or none. */
    private static String onlyIf(String predicate) {
        return "SELECT 1 FROM (" + statement(predicate) + ") AS predicate (holds) WHERE holds LIMIT 1";
    }

    private static String statement(String sql) {
        return sql.strip().replaceFirst("(\\s*;)+$", "");
    }

    private static void queries(Fields fields, JsonNode node, ObjectNode own) {
        String sql = statement(fields.required(node, "query"));
        Optional<String> versions = fields.text(node, "runonserver");
        if (versions.isEmpty()) {
            own.put("query", sql);
            return;
        }
        try {
            ArrayNode queries = own.putArray("queries");
            for (VersionRange range : SemanticRanges.parse(versions.get())) {
                String most = range.most() == VersionRange.ALL.most() ? "+" : "-" + range.most();
                queries.addObject().put("versions", range.least() + most).put("query", sql);
            }
        } catch (IllegalArgumentException notAllowed) {
            fields.problem("runonserver is '" + versions.get() + "'; it must be " + SemanticRanges.ALLOWED);
        }
    }

    private static ObjectNode column(Fields column, String family, Map.Entry<String, JsonNode> entry) {
        JsonNode node = entry.getValue();
        column.refuseUnknown(node, Set.of("usage", "description", "name", "metric_mapping"));
        String usage = column.text(node, "usage").orElse("").toUpperCase(Locale.ROOT);
        if (!USAGES.contains(usage)) {
            column.problem("usage '" + usage + "' is not supported; usages are "
                    + String.join(", ", Fields.sorted(USAGES))
                    + ". A text becomes a number by CASE in the query, an interval by extract(epoch FROM ...)");
        }
        ObjectNode own = YAML.createObjectNode().put("usage", usage);
        own.put(
                "description",
                column.text(node, "description").orElse("Column " + entry.getKey() + " of " + family + "."));
        column.text(node, "name").ifPresent(name -> own.put("rename", name));
        return own;
    }
}
