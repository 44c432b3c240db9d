package org.pgpod.exporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.exporter.catalog.ForeignQueries.Format;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Server;

class ForeignQueriesTest {
    private static final String GOOD_COLUMN = "metrics: [{n: {usage: GAUGE, description: \"N.\"}}]";

    private final List<String> problems = new ArrayList<>();

    private List<Collector> read(Format format, String text) {
        return ForeignQueries.read(format, "q", text.getBytes(StandardCharsets.UTF_8), problems);
    }

    private static Choice disabling(String name) {
        return new Choice(List.of(), List.of(name), List.of(), Map.of());
    }

    @Test
    void aFileOfPostgresExporterKeepsNamesLabelsAndConditions() {
        List<Collector> collectors = read(Format.POSTGRES_EXPORTER, """
                app_queue:
                  query: "SELECT name, length FROM app.queue ;\\n"
                  master: true
                  cache_seconds: 30
                  runonserver: ">=9.6.0 <16.0.0 || >=17.0.0"
                  metrics:
                    - name: {usage: "LABEL", description: "Its name"}
                    - length: {usage: "gauge", description: "Its length"}
                other:
                  query: SELECT 1 AS n
                  metrics:
                    - n: {usage: COUNTER}
                """);
        assertThat(problems).isEmpty();
        assertThat(collectors).extracting(Collector::name).containsExactly("queries/app_queue", "queries/other");
        Collector queue = collectors.getFirst();
        assertThat(queue.metricName(queue.columns().get(1))).isEqualTo("app_queue_length");
        assertThat(queue.labels()).containsExactly("name");
        assertThat(queue.cadence()).isEqualTo(Cadence.BACKGROUND);
        assertThat(queue.ttl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(queue.sqlFor(new Server(15, 1, Role.PRIMARY))).contains("SELECT name, length FROM app.queue");
        assertThat(queue.sqlFor(new Server(17, 0, Role.PRIMARY))).isPresent();
        assertThat(queue.sqlFor(new Server(16, 4, Role.PRIMARY))).isEmpty();
        assertThat(queue.sqlFor(new Server(15, 1, Role.STANDBY))).isEmpty();
        Collector other = collectors.get(1);
        assertThat(other.sqlFor(new Server(13, 0, Role.STANDBY))).isPresent();
        assertThat(other.columns().getFirst().description()).isEqualTo("Column n of other.");
    }

    @Test
    void queriesOfCloudNativePgKeepTheirNamesAndRunOnlyWhereTheirPredicateHolds() {
        List<Collector> collectors = read(Format.CNPG, """
                backends:
                  query: SELECT total FROM x
                  name: all_backends
                  primary: true
                  predicate_query: SELECT true;
                  metrics:
                    - total: {name: count, usage: GAUGE, description: "All"}
                """);
        assertThat(problems).isEmpty();
        Collector backends = collectors.getFirst();
        assertThat(backends.name()).isEqualTo("cnpg/backends");
        assertThat(backends.metricName(backends.columns().getFirst())).isEqualTo("cnpg_all_backends_count");
        assertThat(backends.roles()).containsExactly(Role.PRIMARY);
        assertThat(backends.ttl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(backends.each()).contains("SELECT 1 FROM (SELECT true) AS predicate (holds) WHERE holds LIMIT 1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    [1] | q: the file must be a map
                    a: {query: SELECT 1, interval: 5, GOOD} | q: family a: key 'interval' is unknown
                    a: {query: SELECT 1, primary: true, GOOD} | q: family a: key 'primary' is unknown
                    a: {GOOD} | q: family a: query must be set
                    a: {query: SELECT 1} | q: family a: metrics must be a list of columns
                    a: {query: SELECT 1; SELECT 2, GOOD} | q: family a: a query is one statement
                    a: {query: SELECT 1, cache_seconds: soon, GOOD} | q: family a: cache_seconds is 'soon'; it must be a whole number
                    a: {query: SELECT 1, runonserver: newest, GOOD} | q: family a: runonserver is 'newest'; it must be comparisons
                    a: {query: SELECT 1, runonserver: '>=16.2.0', GOOD} | q: family a: runonserver is '>=16.2.0'; it must be
                    a: {query: SELECT 1, runonserver: '<=16.0.0', GOOD} | q: family a: runonserver is '<=16.0.0'; it must be
                    a: {query: SELECT 1, master: often, GOOD} | q: family a: master must be true or false
                    a: {query: SELECT 1, metrics: [{n: {usage: HISTOGRAM}}]} | q: family a: column n: usage 'HISTOGRAM' is not supported; usages are COUNTER, DISCARD, GAUGE, LABEL
                    a: {query: SELECT 1, metrics: [{n: {usage: GAUGE, unit: s}}]} | q: family a: column n: key 'unit' is unknown
                    a-b: {query: SELECT 1, GOOD} | q: family a-b: the family is not a metric name
                    """)
    void whatCannotBeKeptIsRefusedWithItsPlace(String text, String problem) {
        read(Format.POSTGRES_EXPORTER, text.replace("GOOD", GOOD_COLUMN));
        assertThat(problems).anySatisfy(sentence -> assertThat(sentence).startsWith(problem));
    }

    @ParameterizedTest
    @CsvSource({
        ">=13.0.0, 13+",
        "<17.0.0, 0-16",
        "<9.6.0, 0-8",
        ">=10 <=12.x, 10-12",
        ">15.x, 16+",
        "15.x, 15",
        "=15.x, 15",
        ">=13.0.0 <14.0.0 || >= 16.0.0, 13 16+"
    })
    void rangesOfServersBecomeMajorVersions(String text, String ranges) {
        assertThat(SemanticRanges.parse(text).stream().map(Object::toString)).containsExactly(ranges.split(" ", -1));
    }

    @Test
    void twoSourcesOfOneMetricAreRefusedWithWhatToDo(@TempDir Path directory) throws Exception {
        Files.writeString(
                directory.resolve("one"),
                "pg_stat_archiver: {query: SELECT 1 AS archived_count,"
                        + " metrics: [{archived_count: {usage: COUNTER}}]}");
        CollectorFiles files = new CollectorFiles(Optional.empty(), Optional.of(directory), Optional.empty());
        ConfigurationException refused =
                catchThrowableOfType(ConfigurationException.class, () -> Catalog.read(files, Choice.STANDARD));
        assertThat(refused.problems())
                .singleElement()
                .asString()
                .contains("metric pg_stat_archiver_archived_count is also made by")
                .contains("'stat_archiver' or 'queries/pg_stat_archiver'");
        assertThat(Catalog.read(files, disabling("stat_archiver")).collectors())
                .extracting(Collector::name)
                .contains("queries/pg_stat_archiver");
        Files.copy(directory.resolve("one"), directory.resolve("two"));
        refused = catchThrowableOfType(
                ConfigurationException.class, () -> Catalog.read(files, disabling("stat_archiver")));
        assertThat(refused.problems())
                .containsExactly(
                        directory.resolve("two") + ": family pg_stat_archiver: is also in " + directory.resolve("one"));
    }
}
