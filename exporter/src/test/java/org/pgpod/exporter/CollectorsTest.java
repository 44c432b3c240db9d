package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** Collectors of a user's own that are wrong, slow or greedy harm nobody but themselves. */
class CollectorsTest {
    private static PostgresServer server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startServer() {
        server = RunningExporter.prepared(PostgresServer.start());
        server.execute("CREATE FUNCTION public.refuses(n int) RETURNS int LANGUAGE plpgsql AS "
                + "$$ BEGIN IF n = 2 THEN RAISE 'no two'; END IF; RETURN n; END $$");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void onlyOwnCollectorsAndAFew() throws Exception {
        collector("well", "SELECT 'a' AS name, 1 AS value", "");
    }

    private void collector(String name, String query, String more) throws Exception {
        Files.writeString(directory.resolve(name + ".yaml"), """
                family: test_%s
                description: A test.
                %s
                query: |
                  %s
                metrics:
                  - name: { usage: LABEL }
                  - value: { usage: GAUGE, description: "A value." }
                """.formatted(name, more, query));
    }

    private RunningExporter exporter() throws Exception {
        return RunningExporter.on(server, "collectorDirectory: " + directory);
    }

    @Test
    void duplicateRowsAreDroppedAndCounted() throws Exception {
        collector(
                "twins",
                "SELECT name, value FROM (VALUES ('a', 1), ('a', 2), ('b', 3), ('a', 4)) AS t (name, value)",
                "");
        try (RunningExporter exporter = exporter()) {
            Page page = exporter.scrape();
            assertThat(page.value("test_twins_value{name=\"a\"}")).isEqualTo(1);
            assertThat(page.value("test_twins_value{name=\"b\"}")).isEqualTo(3);
            assertThat(page.value("pgpod_exporter_duplicate_rows_total{family=\"twins\"}"))
                    .isEqualTo(2);
            assertThat(page.value("pgpod_exporter_duplicate_rows_total{family=\"well\"}"))
                    .isZero();
        }
    }

    @Test
    void seriesBeyondTheBudgetAreDroppedAndCounted() throws Exception {
        collector("many", "SELECT n AS name, n AS value FROM generate_series(1, 1000000) AS n", "maxSeries: 100");
        try (RunningExporter exporter = exporter()) {
            Page page = exporter.scrape();
            assertThat(page.like("test_many_value")).hasSize(100);
            assertThat(page.value("pgpod_exporter_dropped_series_total{family=\"many\"}"))
                    .isPositive();
            assertThat(page.value("pgpod_exporter_family_series{family=\"many\"}"))
                    .isEqualTo(100);
        }
    }

    @Test
    void aSlowCollectorDelaysNoScrapeAfterTheFirst() throws Exception {
        collector("slow", "SELECT 'a' AS name, 1 AS value FROM pg_sleep(3600)", "timeout: 5s");
        try (RunningExporter exporter = exporter()) {
            Await.until(
                    "it has failed",
                    () -> exporter.scrape()
                            .like("pg_scrape_collector_success")
                            .contains("pg_scrape_collector_success{collector=\"slow\"}"));
            for (int i = 0; i < 20; i++) {
                Page page = exporter.scrape();
                assertThat(page.millis()).isLessThan(2_500);
                assertThat(page.value("pg_scrape_collector_success{collector=\"slow\"}"))
                        .isZero();
                assertThat(page.value("pg_scrape_collector_success{collector=\"well\"}"))
                        .isEqualTo(1);
                assertThat(page.value("test_well_value{name=\"a\"}")).isEqualTo(1);
            }
        }
    }

    @Test
    void aCollectorThatWasFastAgesWhenItBecomesSlow() throws Exception {
        server.execute("CREATE TABLE public.pause (seconds float8); INSERT INTO public.pause VALUES (0);"
                + "GRANT SELECT ON public.pause TO pgpod_exporter");
        collector("tired", "SELECT 'a' AS name, 1 AS value FROM public.pause, pg_sleep(seconds)", "timeout: 200ms");
        try (RunningExporter exporter = exporter()) {
            assertThat(exporter.scrape().value("test_tired_value{name=\"a\"}")).isEqualTo(1);
            server.execute("UPDATE public.pause SET seconds = 3600");
            Await.until("it ages", () -> exporter.scrape().age("tired") > 3);
            Page page = exporter.scrape();
            assertThat(page.value("test_tired_value{name=\"a\"}")).isEqualTo(1);
            assertThat(page.age("well")).isLessThan(2);
            server.execute("UPDATE public.pause SET seconds = 0");
            Await.until("it is fresh again", () -> exporter.scrape().age("tired") < 2);
        }
    }

    @Test
    void whatAResultLacksOrHasTooMuchIsSaidWithFileFamilyAndColumn() throws Exception {
        collector("lacks", "SELECT 'a' AS name", "");
        collector("surplus", "SELECT 'a' AS name, 1 AS value, 2 AS other", "");
        collector("words", "SELECT 'a' AS name, 'b' AS value", "");
        collector("wrong", "SELECT name, value FROM nothing", "");
        collector("writes", "INSERT INTO public.t VALUES (1) RETURNING 'a' AS name, 1 AS value", "");
        try (RunningExporter exporter = exporter()) {
            Page page = exporter.scrape();
            for (String name : List.of("lacks", "surplus", "words", "wrong", "writes")) {
                assertThat(page.value("pg_scrape_collector_success{collector=\"" + name + "\"}"))
                        .isZero();
            }
            assertThat(page.value("test_well_value{name=\"a\"}")).isEqualTo(1);
            assertThat(page.value("pg_up")).isEqualTo(1);
            assertThat(page.like("pg_stat_database_xact_commit")).isNotEmpty();
        }
    }

    @Test
    void arraysBecomeAHistogramAndOneThatIsWrongFailsItsCollectorAlone() throws Exception {
        histogram("waits", "('a', ARRAY[2, 1.5], ARRAY[4, 3], 7.25, 5), ('b', NULL, ARRAY[1, 1], 1, 1)");
        histogram("uneven", "('a', ARRAY[1, 2], ARRAY[1], 1, 1)");
        histogram("twice", "('a', ARRAY[1, 1], ARRAY[1, 2], 1, 1)");
        try (RunningExporter exporter = exporter()) {
            Page page = exporter.scrape();
            assertThat(page.types()).containsEntry("test_waits_seconds", "histogram");
            assertThat(page.like("test_waits_seconds"))
                    .containsExactly(
                            "test_waits_seconds_bucket{name=\"a\",le=\"0.0015\"}",
                            "test_waits_seconds_bucket{name=\"a\",le=\"0.002\"}",
                            "test_waits_seconds_bucket{name=\"a\",le=\"+Inf\"}",
                            "test_waits_seconds_sum{name=\"a\"}",
                            "test_waits_seconds_count{name=\"a\"}");
            assertThat(page.value("test_waits_seconds_bucket{name=\"a\",le=\"0.0015\"}"))
                    .isEqualTo(3);
            assertThat(page.value("test_waits_seconds_sum{name=\"a\"}")).isEqualTo(0.00725);
            assertThat(page.value("pgpod_exporter_family_series{family=\"waits\"}"))
                    .isEqualTo(5);
            for (String name : List.of("uneven", "twice")) {
                assertThat(page.value("pg_scrape_collector_success{collector=\"" + name + "\"}"))
                        .isZero();
            }
        }
    }

    private void histogram(String name, String rows) throws Exception {
        Files.writeString(directory.resolve(name + ".yaml"), """
                family: test_%s
                description: A test.
                query: SELECT * FROM (VALUES %s) AS t (name, millis, millis_bucket, millis_sum, millis_count)
                metrics:
                  - name: { usage: LABEL }
                  - millis: { usage: HISTOGRAM, rename: seconds, scale: 0.001, description: "Waits." }
                """.formatted(name, rows));
    }

    @Test
    void anItemThatFailsIsSkippedAndTheOthersAreShown() throws Exception {
        collector(
                "items",
                "SELECT $1::int AS name, public.refuses($1::int) AS value",
                "run: background\neach: SELECT generate_series(1, 3)");
        try (RunningExporter exporter = exporter()) {
            Await.until(
                    "the background ran",
                    () -> !exporter.scrape().like("test_items_value").isEmpty());
            Page page = exporter.scrape();
            assertThat(page.like("test_items_value"))
                    .containsExactly("test_items_value{name=\"1\"}", "test_items_value{name=\"3\"}");
            assertThat(page.value("pgpod_exporter_skipped_items_total{family=\"items\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void nullMakesNoSeriesUnlessThereIsADefault() throws Exception {
        Files.writeString(directory.resolve("nulls.yaml"), """
                family: test_nulls
                description: A test.
                query: SELECT NULL::text AS name, NULL::int AS absent, NULL::int AS zero, 250 AS scaled, true AS truth
                metrics:
                  - name: { usage: LABEL, rename: called }
                  - absent: { usage: GAUGE, description: "A." }
                  - zero: { usage: GAUGE, description: "B.", default: 0 }
                  - scaled: { usage: COUNTER, description: "C.", scale: 0.001, rename: seconds_total }
                  - truth: { usage: UNTYPED, description: "D." }
                """);
        try (RunningExporter exporter = exporter()) {
            Page page = exporter.scrape();
            assertThat(page.like("test_nulls_"))
                    .containsExactly(
                            "test_nulls_zero{called=\"\"}",
                            "test_nulls_seconds_total{called=\"\"}",
                            "test_nulls_truth{called=\"\"}");
            assertThat(page.value("test_nulls_seconds_total{called=\"\"}")).isEqualTo(0.25);
            assertThat(page.value("test_nulls_truth{called=\"\"}")).isEqualTo(1);
        }
    }

    @Test
    void parallelScrapesShareOneCollection() throws Exception {
        collector("lengthy", "SELECT 'a' AS name, 1 AS value FROM pg_sleep(1)", "timeout: 3s\nttl: 1ms");
        try (RunningExporter exporter = exporter()) {
            double before = exporter.scrape().value("pgpod_exporter_collections_total");
            List<CompletableFuture<?>> scrapes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                scrapes.add(exporter.getLater("/metrics").thenAccept(response -> {
                    assertThat(response.statusCode()).isEqualTo(200);
                    Page.parse(response.body(), 0);
                }));
            }
            CompletableFuture.allOf(scrapes.toArray(CompletableFuture[]::new)).get();
            Page after = exporter.scrape();
            assertThat(after.value("pgpod_exporter_collections_total") - before).isLessThan(10);
            assertThat(after.value("pg_exporter_scrapes_total")).isEqualTo(42);
        }
    }

    @Test
    void manyDatabasesAreAllThere() throws Exception {
        List<String> names = new ArrayList<>();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 20; i++) {
                names.add("tenant_" + i);
                statement.execute("CREATE DATABASE tenant_" + i);
            }
        }
        try (RunningExporter exporter = exporter()) {
            Await.until(
                    "sizes of all",
                    () -> exporter.scrape().like("pg_database_size_bytes").size() >= 23);
            Page page = exporter.scrape();
            for (String name : names) {
                assertThat(page.value("pg_database_size_bytes{datname=\"" + name + "\"}"))
                        .isPositive();
                assertThat(page.value("pg_locks_count{datname=\"" + name + "\",mode=\"accesssharelock\"}"))
                        .isZero();
            }
            assertThat(page.like("pg_stat_database_blks_hit")).hasSize(23);
            assertThat(page.millis()).isLessThan(2_000);
        }
    }
}
