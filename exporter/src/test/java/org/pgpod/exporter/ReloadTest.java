package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** Collectors of the user's, while an exporter runs and their files change. */
class ReloadTest {
    private static final String GOOD = "pgpod_exporter_config_last_reload_successful{configuration=\"collectors\"}";

    private static PostgresServer server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        server = RunningExporter.prepared(PostgresServer.start());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void number() throws Exception {
        write("number.yaml", 1, 1);
    }

    private void write(String file, int value, int ttlHours) throws Exception {
        Path next = Files.writeString(directory.resolve(".next"), """
                family: test_number
                description: A number.
                ttl: %dh
                query: SELECT %d AS n
                metrics:
                  - n: { usage: GAUGE, description: "The number." }
                """.formatted(ttlHours, value));
        Files.move(next, directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aChangedCollectorTakesTheOldOnesPlaceWithItsResult() throws Exception {
        try (RunningExporter exporter = RunningExporter.on(server, "collectorDirectory: " + directory)) {
            assertThat(exporter.scrape().value("test_number_n")).isEqualTo(1);
            assertThat(exporter.scrape().value(GOOD)).isEqualTo(1);
            write("number.yaml", 2, 1);
            // The old result would be good for an hour.
            Await.until(
                    "the new number",
                    () -> exporter.scrape().like("test_number_n").size() == 1
                            && exporter.scrape().value("test_number_n") == 2);
            assertThat(exporter.scrape().value("pg_settings_max_connections")).isEqualTo(100);
        }
    }

    @Test
    void aWrongFileLeavesTheLastGoodSetAndSaysSo() throws Exception {
        try (RunningExporter exporter = RunningExporter.on(server, "collectorDirectory: " + directory)) {
            Await.until("the number", () -> exporter.scrape().has("test_number_n"));
            Files.writeString(directory.resolve("other.yaml"), "family: test_other\nquery: SELECT 1\n");
            Await.until("the problem shows", () -> exporter.scrape().value(GOOD) == 0);
            assertThat(exporter.get("/readyz").statusCode()).isEqualTo(200);
            assertThat(exporter.get("/readyz").body())
                    .contains("collectors: " + directory + "/other.yaml: family test_other: ");
            assertThat(exporter.scrape().value("test_number_n")).isEqualTo(1);
            Files.delete(directory.resolve("other.yaml"));
            Await.until("well again", () -> exporter.scrape().value(GOOD) == 1);
            assertThat(exporter.get("/readyz").body()).doesNotContain("collectors:");
            Files.delete(directory.resolve("number.yaml"));
            Await.until(
                    "gone",
                    () -> exporter.scrape().like("test_number").isEmpty()
                            && exporter.scrape()
                                    .like("pgpod_exporter_family_series{family=\"number\"}")
                                    .isEmpty());
        }
    }

    @Test
    void theSwapOfAMountedConfigMapIsTakenOver() throws Exception {
        Path mounted = Files.createDirectory(directory.resolve("mounted"));
        publish(mounted, "first", "SELECT 'a' AS name, 1 AS size");
        Files.createSymbolicLink(mounted.resolve("custom-queries"), Path.of("..data", "custom-queries"));
        try (RunningExporter exporter = RunningExporter.on(server, "cnpgQueries: " + mounted)) {
            Await.until("the first", () -> exporter.scrape().has("cnpg_test_things_size{name=\"a\"}"));
            publish(mounted, "second", "SELECT 'b' AS name, 2 AS size");
            Await.until("the second", () -> exporter.scrape().has("cnpg_test_things_size{name=\"b\"}"));
            assertThat(exporter.scrape().like("cnpg_test_things_size")).hasSize(1);
            publish(mounted, "third", "SELECT 'c' AS name, 3 AS size, 4 AS more");
            Await.until("what a query brings undeclared is named", () -> succeeds(exporter, 0));
            publish(mounted, "fourth", "SELECT 'd' AS name, 4 AS size\n  predicate_query: SELECT false");
            Await.until(
                    "nothing to show, and no failure",
                    () -> succeeds(exporter, 1)
                            && exporter.scrape().like("cnpg_test_things").isEmpty());
        }
    }

    private static boolean succeeds(RunningExporter exporter, double expected) throws Exception {
        String series = "pg_scrape_collector_success{collector=\"cnpg/test_things\"}";
        Page page = exporter.scrape();
        return page.has(series) && page.value(series) == expected;
    }

    /** Makes a version of the ConfigMap the current one as kubelet does: by the rename of a link. */
    private static void publish(Path mounted, String version, String query) throws Exception {
        Path next = Files.createDirectory(mounted.resolve(".." + version));
        Files.writeString(next.resolve("custom-queries"), """
                test_things:
                  query: %s
                  metrics:
                    - name: {usage: LABEL}
                    - size: {usage: GAUGE, description: "Its size."}
                """.formatted(query));
        Path link = Files.createSymbolicLink(mounted.resolve("..data_tmp"), next.getFileName());
        Files.move(
                link, mounted.resolve("..data"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aFileOfPostgresExporterIsServed() throws Exception {
        Path queries = Files.writeString(directory.resolve("queries.yaml"), """
                test_relations:
                  query: "SELECT relkind::text AS kind, count(*) AS count FROM pg_class GROUP BY 1;"
                  cache_seconds: 1
                  metrics:
                    - kind: {usage: "LABEL", description: "Kind"}
                    - count: {usage: "GAUGE", description: "How many"}
                """);
        try (RunningExporter exporter = RunningExporter.on(server, "postgresExporterQueries: " + queries)) {
            Await.until(
                    "relations",
                    () -> exporter.scrape()
                                    .like("test_relations_count{kind=\"i\"}")
                                    .size()
                            == 1);
            assertThat(exporter.scrape().types()).containsEntry("test_relations_count", "gauge");
        }
    }
}
