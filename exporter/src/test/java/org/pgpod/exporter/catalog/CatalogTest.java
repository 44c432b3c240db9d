package org.pgpod.exporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.DatabaseChoice;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Server;

class CatalogTest {
    private static final Path RESOURCES = Path.of("src/main/resources/org/pgpod/exporter/collectors");
    private static final String GOOD = """
            family: app_queue
            description: The queue.
            query: SELECT name, length FROM app.queue
            metrics:
              - name: { usage: LABEL }
              - length: { usage: GAUGE, description: "Its length." }
            """;

    /** The first major version whose server has what these collectors read. */
    private static final Map<String, Integer> FIRST_VERSIONS = Map.of(
            "buffercache_summary", 16,
            "cnpg_pg_stat_checkpointer", 17,
            "stat_checkpointer", 17,
            "stat_database_sessions", 14,
            "stat_io", 16,
            "stat_progress_copy", 14,
            "stat_replication_slots", 14,
            "stat_subscription_errors", 15,
            "stat_wal", 14);

    @TempDir
    private Path directory;

    private static Choice disabling(String name) {
        return new Choice(List.of(), List.of(name), List.of(), Map.of());
    }

    private static CollectorFiles own(Path directory) {
        return new CollectorFiles(Optional.of(directory), Optional.empty(), Optional.empty());
    }

    private List<String> problemsOf(String file) throws IOException {
        Files.writeString(directory.resolve("queue.yaml"), file);
        ConfigurationException refused =
                catchThrowableOfType(ConfigurationException.class, () -> Catalog.read(own(directory), Choice.STANDARD));
        assertThat(refused).as(file).isNotNull();
        return refused.problems();
    }

    @Test
    void theIndexNamesEveryBuiltInFile() throws Exception {
        try (Stream<Path> files = Files.list(RESOURCES)) {
            assertThat(Files.readAllLines(RESOURCES.resolve("index")))
                    .containsExactlyElementsOf(
                            files.map(file -> file.getFileName().toString())
                                    .filter(name -> name.endsWith(".yaml"))
                                    .map(name -> name.replace(".yaml", ""))
                                    .sorted()
                                    .toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"13", "14", "15", "16", "17", "18"})
    void everyBuiltInCollectorHasAQueryForEveryVersion(int major) throws Exception {
        for (Collector collector : Catalog.builtIn().collectors()) {
            Role role = collector.roles().contains(Role.STANDBY) ? Role.STANDBY : Role.PRIMARY;
            assertThat(collector.sqlFor(new Server(major, 0, role)).isPresent())
                    .as(collector.name())
                    .isEqualTo(major >= FIRST_VERSIONS.getOrDefault(collector.name(), 13));
        }
    }

    @Test
    void whatEveryDatabaseHasIsShownOfAsManyAsAreRead() throws Exception {
        List<Collector> ofDatabases = Catalog.builtIn().collectors().stream()
                .filter(collector -> !collector.labels().isEmpty()
                        && Set.of("datid", "datname").containsAll(collector.labels()))
                .toList();
        assertThat(ofDatabases).extracting(Collector::name).contains("stat_database", "database_size");
        assertThat(ofDatabases).allSatisfy(collector -> {
            long metrics = collector.columns().stream()
                    .filter(column -> column.usage().type().isPresent())
                    .count();
            assertThat(collector.seriesMax())
                    .as(collector.name())
                    .isGreaterThanOrEqualTo((int) metrics * DatabaseChoice.DATABASES_MAX);
        });
    }

    @Test
    void aDirectoryAddsReplacesAndSwitchesOff() throws Exception {
        Files.writeString(directory.resolve("queue.yaml"), GOOD);
        Files.writeString(directory.resolve("settings.yaml"), GOOD.replace("app_queue", "pg_settings"));
        Files.writeString(directory.resolve("wal.yaml"), GOOD.replace("app_queue", "pg_wal") + "enabled: false\n");
        Files.writeString(directory.resolve("README"), "not a collector");
        List<Collector> collectors =
                Catalog.read(own(directory), disabling("locks")).collectors();
        assertThat(collectors)
                .extracting(Collector::name)
                .contains("queue", "settings")
                .doesNotContain("wal", "locks");
        assertThat(collectors)
                .filteredOn(collector -> collector.name().equals("settings"))
                .singleElement()
                .satisfies(settings -> assertThat(settings.source()).startsWith(directory.toString()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            usage: GAUGE      | usage: GAUGES                 | column length: usage 'GAUGES' is unknown; usages are LABEL, GAUGE
            usage: GAUGE,     | usage: GAUGE, scale: ten,     | column length: scale is 'ten'; it must be a number
            usage: GAUGE,     | usage: GAUGE, scales: 1,      | column length: key 'scales' is unknown; keys are default, description, rename, scale, usage, versions
            usage: GAUGE,     | usage: GAUGE, rename: a-b,    | column length: 'a-b' is not a name for a metric
            usage: GAUGE,     | usage: GAUGE, versions: 9.6,  | column length: versions is '9.6'; it must be major versions such as 13-16, 17+ or 15
            usage: LABEL      | usage: LABEL, rename: "a b"   | column name: 'a b' is not a name for a label
            family: app_queue | family: app-queue             | the family is not a metric name
            query:            | ttl: 5, query:                | not readable as YAML
            description: The  | tags: [leader], descript: The | not readable as YAML
            SELECT            | SELECT 1; SELECT              | a query is one statement
            """)
    void problemsNameFileFamilyAndColumn(String from, String to, String problem) throws Exception {
        List<String> problems = problemsOf(GOOD.replace(from, to));
        assertThat(problems)
                .first()
                .asString()
                .startsWith(directory.resolve("queue.yaml").toString());
        assertThat(problems).anyMatch(found -> found.contains(problem));
        if (problem.contains("column")) {
            assertThat(problems).anyMatch(found -> found.contains(": family app_queue: " + problem));
        }
    }

    @Test
    void allProblemsOfAFileAreReportedTogether() throws Exception {
        assertThat(problemsOf("""
                family: app_queue
                ttl: 5
                timeout: long
                run: sometimes
                tags: [leader]
                each: SELECT 1
                surprise: true
                maxSeries: 0
                metrics:
                  - name: { usage: LABEL }
                """))
                .map(problem -> problem.replaceFirst("^.*: family app_queue: ", ""))
                .contains(
                        "description must be set",
                        "run is 'sometimes'; it must be scrape or background",
                        "each is allowed with run: background only",
                        "tag 'leader' is unknown; tags are primary, standby",
                        "maxSeries is '0'; it must be a whole number from 1 to 1000000",
                        "either query or queries (a list of versions and query) must be set",
                        "no column is a GAUGE, COUNTER, UNTYPED or HISTOGRAM")
                .anyMatch(problem -> problem.startsWith("ttl is '5'; it must be a duration with its unit"))
                .anyMatch(problem -> problem.startsWith("timeout is 'long'"))
                .anyMatch(problem -> problem.startsWith("key 'surprise' is unknown"));
    }

    @Test
    void twoCollectorsNeverMakeTheSameMetric() throws Exception {
        assertThat(problemsOf(GOOD.replace("app_queue", "pg_locks").replace("length:", "count:")))
                .singleElement()
                .asString()
                .contains("queue.yaml: family pg_locks: metric pg_locks_count is also made by built-in locks.yaml");
    }

    @Test
    void queriesOfOneCollectorDoNotOverlap() throws Exception {
        assertThat(problemsOf(GOOD.replaceFirst(
                        "query: .*",
                        "queries: [{versions: 13-15, query: SELECT 1}, {versions: 15+, query: SELECT 2}]")))
                .singleElement()
                .asString()
                .contains("two queries are for the versions 15+");
    }

    @Test
    void collectorsAreSwitchedOnAndOffAndLimitedByName() throws Exception {
        Choice choice = new Choice(
                List.of("stat_user_indexes"), List.of("locks"), List.of("cnpg"), Map.of("stat_user_tables", 250_000));
        List<Collector> collectors = Catalog.read(CollectorFiles.NONE, choice).collectors();
        assertThat(collectors)
                .extracting(Collector::name)
                .contains("stat_user_indexes", "cnpg_backends", "stat_user_tables")
                .doesNotContain("locks", "compat_replication_lag", "statio_user_indexes");
        assertThat(collectors)
                .filteredOn(collector -> collector.name().equals("stat_user_tables"))
                .extracting(Collector::seriesMax)
                .containsExactly(250_000);
    }

    @Test
    void aNameInBothListsOrOfNothingIsRefused() {
        Choice choice =
                new Choice(List.of("locks", "table"), List.of("locks"), List.of("prometheus"), Map.of("tables", 1));
        ConfigurationException refused =
                catchThrowableOfType(ConfigurationException.class, () -> Catalog.read(CollectorFiles.NONE, choice));
        assertThat(refused.problems())
                .hasSize(4)
                .anyMatch(problem ->
                        problem.startsWith("exporter.enabledCollectors names 'table', which is no collector"))
                .anyMatch(problem -> problem.startsWith("exporter.maxSeries names 'tables', which is no collector"))
                .anyMatch(problem -> problem.startsWith("exporter.compatibility names 'prometheus'")
                        && problem.endsWith("there are cnpg, postgres_exporter"))
                .anyMatch(problem -> problem.contains("both name 'locks'"));
    }

    @Test
    void whereACollectorRunsIsChecked() throws Exception {
        assertThat(problemsOf(GOOD + "databases: all\nrun: background\n"))
                .anyMatch(problem -> problem.endsWith(
                        "databases is 'all'; it must be one, every, or a list of patterns for names such as app_*"));
        assertThat(problemsOf(GOOD + "databases: one\nrun: background\n"))
                .anyMatch(problem -> problem.endsWith("databases is 'one', which goes with an extension only"));
        assertThat(problemsOf(GOOD + "databases: every\nextension: hstore\n"))
                .anyMatch(problem -> problem.endsWith("databases is allowed with run: background only"))
                .anyMatch(problem -> problem.endsWith("extension is allowed with run: background only"));
    }

    @Test
    void aMissingDirectoryAndAnUnknownNameAreNamed() {
        Path missing = directory.resolve("missing");
        ConfigurationException refused =
                catchThrowableOfType(ConfigurationException.class, () -> Catalog.read(own(missing), disabling("lock")));
        assertThat(refused.problems()).hasSize(2);
        assertThat(refused.problems().getFirst()).contains(missing.toString());
        assertThat(refused.problems().getLast()).contains("'lock', which is no collector", "locks");
    }
}
