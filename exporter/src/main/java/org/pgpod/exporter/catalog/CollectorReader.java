package org.pgpod.exporter.catalog;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Column;
import org.pgpod.exporter.model.Query;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Usage;
import org.pgpod.exporter.model.VersionRange;

/**
 * Reads one collector file. Every problem of the file is found in one reading; each names the file, the family and,
 * where there is one, the column.
 */
final class CollectorReader {
    static final int SERIES_MAX_STANDARD = 5_000;

    private static final Duration TTL_MAX = Duration.ofDays(1);
    private static final Duration SCRAPE_TIMEOUT_MAX = Duration.ofSeconds(5);
    private static final Duration BACKGROUND_TIMEOUT_MAX = Duration.ofMinutes(10);
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Set<String> KEYS = Set.of(
            "family",
            "description",
            "enabled",
            "run",
            "ttl",
            "timeout",
            "versions",
            "tags",
            "maxSeries",
            "each",
            "databases",
            "extension",
            "profile",
            "query",
            "queries",
            "metrics");
    private static final List<String> BACKGROUND_KEYS = List.of("each", "databases", "extension");
    private static final Pattern FAMILY = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    private final String name;
    private final Fields fields;
    private final JsonNode root;

    private CollectorReader(String name, Fields fields, JsonNode root) {
        this.name = name;
        this.fields = fields;
        this.root = root;
    }

    /** The collector of a file; empty when problems were added. */
    static Optional<Collector> read(String name, String source, byte[] content, List<String> problems) {
        int problemsBefore = problems.size();
        JsonNode root;
        try {
            root = YAML.readTree(content);
        } catch (JsonProcessingException malformed) {
            String line = malformed.getLocation() == null
                    ? ""
                    : ":" + malformed.getLocation().getLineNr();
            problems.add(source + line + ": not readable as YAML: " + malformed.getOriginalMessage());
            return Optional.empty();
        } catch (IOException impossible) {
            problems.add(source + ": cannot be read: " + impossible.getMessage());
            return Optional.empty();
        }
        if (!root.isObject()) {
            problems.add(source + ": the file must be a map with the keys " + String.join(", ", Fields.sorted(KEYS)));
            return Optional.empty();
        }
        String family = root.path("family").asText("");
        Fields fields = new Fields(source + (family.isEmpty() ? "" : ": family " + family), problems);
        Collector collector = new CollectorReader(name, fields, root).collector(source);
        return problems.size() == problemsBefore ? Optional.of(collector) : Optional.empty();
    }

    private Collector collector(String source) {
        fields.refuseUnknown(root, KEYS);
        String family = fields.required(root, "family");
        if (!FAMILY.matcher(family).matches()) {
            fields.problem("the family is not a metric name");
        }
        VersionRange versions = fields.versions(root, VersionRange.ALL);
        List<Column> columns = columns();
        Optional<String> each = fields.text(root, "each");
        Cadence cadence = cadence();
        if (cadence != Cadence.BACKGROUND) {
            for (String key : BACKGROUND_KEYS) {
                if (root.has(key)) {
                    fields.problem(key + " is allowed with run: background only");
                }
            }
        }
        Collector collector = new Collector(
                name,
                source,
                family,
                fields.required(root, "description"),
                cadence,
                fields.duration(root, "ttl", cadence == Cadence.SCRAPE ? "1s" : "60s", TTL_MAX),
                cadence == Cadence.SCRAPE
                        ? fields.duration(root, "timeout", "500ms", SCRAPE_TIMEOUT_MAX)
                        : fields.duration(root, "timeout", "5s", BACKGROUND_TIMEOUT_MAX),
                roles(),
                fields.number(root, "maxSeries", SERIES_MAX_STANDARD),
                each,
                queries(versions),
                columns,
                new ScopeReader(fields, root).scope());
        checkColumns(collector);
        return collector;
    }

    private Cadence cadence() {
        return switch (fields.text(root, "run").orElse("scrape")) {
            case "scrape" -> Cadence.SCRAPE;
            case "background" -> Cadence.BACKGROUND;
            default -> {
                fields.problem("run is '" + root.path("run").asText() + "'; it must be scrape or background");
                yield Cadence.SCRAPE;
            }
        };
    }

    private Set<Role> roles() {
        JsonNode tags = root.path("tags");
        if (tags.isMissingNode()) {
            return EnumSet.allOf(Role.class);
        }
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (JsonNode tag : tags) {
            switch (tag.asText()) {
                case "primary" -> roles.add(Role.PRIMARY);
                case "standby" -> roles.add(Role.STANDBY);
                default -> fields.problem("tag '" + tag.asText() + "' is unknown; tags are primary, standby");
            }
        }
        if (roles.isEmpty()) {
            fields.problem("tags must be a list of primary, standby");
        }
        return roles;
    }

    private List<Query> queries(VersionRange versions) {
        List<Query> queries = new ArrayList<>();
        Optional<String> single = fields.text(root, "query");
        single.ifPresent(sql -> queries.add(query(versions, sql)));
        JsonNode several = root.path("queries");
        if (single.isPresent() == several.isArray()) {
            fields.problem("either query or queries (a list of versions and query) must be set");
            return queries;
        }
        for (JsonNode entry : several) {
            fields.refuseUnknown(entry, Set.of("versions", "query"));
            VersionRange range = fields.versions(entry, VersionRange.ALL);
            if (queries.stream().anyMatch(other -> other.versions().overlaps(range))) {
                fields.problem("two queries are for the versions " + range);
            }
            queries.add(query(range, fields.required(entry, "query")));
        }
        return queries;
    }

    private Query query(VersionRange versions, String sql) {
        String statement = sql.strip();
        if (statement.contains(";")) {
            fields.problem("a query is one statement, without a semicolon");
        }
        if (statement.contains("?")) {
            fields.problem("a query must not contain a question mark; the value of each is $1");
        }
        return new Query(versions, statement);
    }

    private List<Column> columns() {
        List<Column> columns = new ArrayList<>();
        JsonNode metrics = root.path("metrics");
        if (!metrics.isArray() || metrics.isEmpty()) {
            fields.problem("metrics must be a list of columns");
            return columns;
        }
        for (JsonNode entry : metrics) {
            if (entry.size() != 1) {
                fields.problem("each entry of metrics must be one column name with its usage");
                continue;
            }
            Map.Entry<String, JsonNode> column = entry.properties().iterator().next();
            columns.add(column(column.getKey(), column.getValue()));
        }
        return columns;
    }

    private Column column(String columnName, JsonNode node) {
        Fields column = fields.within("column " + columnName);
        column.refuseUnknown(node, Set.of("usage", "rename", "description", "scale", "default", "versions"));
        Usage usage = column.usage(node);
        String shownName = column.text(node, "rename").orElse(columnName);
        if ((usage == Usage.LABEL || usage.type().isPresent())
                && !LABEL.matcher(shownName).matches()) {
            column.problem("'" + shownName + "' is not a name for a " + (usage == Usage.LABEL ? "label" : "metric"));
        }
        if (usage.type().isPresent() && !node.hasNonNull("description")) {
            column.problem("description must be set");
        }
        return new Column(
                columnName,
                usage,
                shownName,
                column.text(node, "description").orElse(""),
                column.decimal(node, "scale").orElse(1),
                column.decimal(node, "default"),
                column.versions(node, VersionRange.ALL));
    }

    private void checkColumns(Collector collector) {
        Set<String> names = new HashSet<>();
        for (Column column : collector.columns()) {
            if (!names.add(column.name())) {
                fields.within("column " + column.name()).problem("declared twice");
            }
        }
        long named = collector.columns().stream()
                .filter(column -> column.usage() == Usage.NAME)
                .count();
        long values = collector.columns().stream()
                .filter(column -> column.usage().type().isPresent())
                .count();
        if (values == 0) {
            fields.problem("no column is a GAUGE, COUNTER or UNTYPED");
        }
        if (named > 1 || (named == 1 && values != 1)) {
            fields.problem("a column with usage NAME goes with exactly one GAUGE, COUNTER or UNTYPED column");
        }
    }
}
