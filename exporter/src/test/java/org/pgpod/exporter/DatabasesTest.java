package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** Families of tables are read in every database, by few sessions, and a locked table harms nothing but its own size. */
class DatabasesTest {
    private static final String LIVE = "pg_stat_user_tables_n_live_tup";
    private static final String SIZE = "pg_stat_user_tables_table_size_bytes";

    private static PostgresServer server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startServer() throws SQLException {
        server = RunningExporter.prepared(PostgresServer.start());
        for (String database : List.of("shop", "shop old", "tenant_1", "tenant_2", "closed")) {
            server.execute("CREATE DATABASE \"" + database + "\"");
            execute(database, "CREATE TABLE item AS SELECT generate_series(1, 10) AS n; ANALYZE item");
        }
        server.execute("REVOKE CONNECT ON DATABASE closed FROM public");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static void execute(String database, String sql) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String item(String metric, String database) {
        return metric + "{datname=\"" + database + "\",schemaname=\"public\",relname=\"item\"}";
    }

    @Test
    void everyDatabaseThatMayBeReadIsRead() throws Exception {
        try (RunningExporter exporter = RunningExporter.on(server)) {
            Await.until("tables of all", () -> exporter.scrape().has(item(LIVE, "tenant_2")));
            Page page = exporter.scrape();
            assertThat(page.value(item(LIVE, "shop"))).isEqualTo(10);
            assertThat(page.value(item(LIVE, "shop old"))).isEqualTo(10);
            assertThat(page.value(item(LIVE, "tenant_1"))).isEqualTo(10);
            assertThat(page.like(LIVE + "{datname=\"closed\"")).isEmpty();
            assertThat(page.like(LIVE + "{datname=\"template1\"")).isEmpty();
            assertThat(page.value("pgpod_exporter_skipped_items_total{family=\"stat_user_tables\"}"))
                    .isZero();
            assertThat(page.value("pgpod_exporter_duplicate_rows_total{family=\"stat_user_tables\"}"))
                    .isZero();
        }
    }

    @Test
    void patternsIncludeAndExcludeDatabases() throws Exception {
        try (RunningExporter exporter = RunningExporter.on(
                server, "databases: ['shop*', 'tenant_?']", "excludedDatabases: ['*old', tenant_1]")) {
            Await.until("tables", () -> exporter.scrape().has(item(LIVE, "tenant_2")));
            assertThat(exporter.scrape().like(LIVE))
                    .filteredOn(series -> series.contains("\"item\""))
                    .containsExactlyInAnyOrder(item(LIVE, "shop"), item(LIVE, "tenant_2"));
        }
    }

    @Test
    void fewSessionsStayOpenHoweverManyDatabasesThereAre() throws Exception {
        collector("often", "databases: every", "SELECT current_database() AS name, 1 AS value");
        try (RunningExporter exporter =
                RunningExporter.on(server, "databaseConnections: 2", "collectorDirectory: " + directory)) {
            String rows = "test_often_value{name=\"shop\"}";
            for (int i = 0; i < 3; i++) {
                Await.until(
                        "read",
                        () -> exporter.scrape().has(rows) && exporter.scrape().age("often") > 1);
                // The login check, the session for scrapes, the two at work in the background, and those kept.
                assertThat(sessions()).isLessThanOrEqualTo(4 + 2);
                Await.until("read again", () -> exporter.scrape().age("often") < 1);
            }
            Await.until("those at rest", () -> sessions() <= 3);
            assertThat(sessions()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void withoutKeptSessionsADatabaseCanBeDropped() throws Exception {
        server.execute("CREATE DATABASE passing");
        collector("names", "databases: every", "SELECT current_database() AS name, 1 AS value");
        String passing = "test_names_value{name=\"passing\"}";
        try (RunningExporter exporter =
                RunningExporter.on(server, "databaseConnections: 0", "collectorDirectory: " + directory)) {
            Await.until("read", () -> exporter.scrape().has(passing));
            server.execute("DROP DATABASE passing");
            Await.until("gone", () -> !exporter.scrape().has(passing));
            assertThat(exporter.scrape().value("pg_exporter_last_scrape_error")).isZero();
        }
    }

    @Test
    void aDatabaseThatFailsIsSkippedAndTheOthersAreShown() throws Exception {
        execute("tenant_1", "CREATE VIEW public.asked AS SELECT 1 / 0 AS value");
        for (String database : List.of("shop", "tenant_2")) {
            execute(database, "CREATE VIEW public.asked AS SELECT 7 AS value");
        }
        for (String database : List.of("shop", "tenant_1", "tenant_2")) {
            execute(database, "GRANT SELECT ON public.asked TO pgpod_exporter");
        }
        collector(
                "asked", "databases: [shop, 'tenant_*']", "SELECT current_database() AS name, value FROM public.asked");
        try (RunningExporter exporter = RunningExporter.on(server, "collectorDirectory: " + directory)) {
            Await.until("read", () -> exporter.scrape().has("test_asked_value{name=\"tenant_2\"}"));
            Page page = exporter.scrape();
            assertThat(page.like("test_asked_value"))
                    .containsExactly("test_asked_value{name=\"shop\"}", "test_asked_value{name=\"tenant_2\"}");
            assertThat(page.value("pgpod_exporter_skipped_items_total{family=\"asked\"}"))
                    .isPositive();
            assertThat(page.value("pg_scrape_collector_success{collector=\"asked\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aTableInAccessExclusiveDelaysNothingAndLacksOnlyItsSize() throws Exception {
        execute("shop", "CREATE TABLE held AS SELECT 1 AS n; ANALYZE held");
        try (Connection holder = server.connect("shop");
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE held IN ACCESS EXCLUSIVE MODE");
            try (RunningExporter exporter = RunningExporter.on(server, "databases: [shop]")) {
                Await.until("sizes", () -> exporter.scrape().has(item(SIZE, "shop")));
                Page page = exporter.scrape();
                assertThat(page.millis()).isLessThan(2_000);
                assertThat(page.value(item(LIVE, "shop").replace("item", "held")))
                        .isEqualTo(1);
                assertThat(page.has(item(SIZE, "shop").replace("item", "held"))).isFalse();
                assertThat(page.value(item(SIZE, "shop"))).isEqualTo(sizeOfItem());
                assertThat(page.value("pgpod_exporter_skipped_items_total{family=\"table_sizes\"}"))
                        .isEqualTo(1);
                assertThat(page.value("pg_exporter_last_scrape_error")).isZero();
            }
            holder.rollback();
        }
    }

    @Test
    void anExtensionIsFoundInItsDatabaseAndSchema() throws Exception {
        execute("tenant_2", "CREATE SCHEMA \"Tools\"; CREATE EXTENSION pgstattuple SCHEMA \"Tools\"");
        execute("tenant_2", "GRANT USAGE ON SCHEMA \"Tools\" TO pgpod_exporter");
        execute("tenant_2", "CREATE TABLE wide AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 2000)");
        execute("tenant_2", "DELETE FROM wide WHERE ctid < '(100,0)'; ANALYZE wide");
        try (RunningExporter exporter = RunningExporter.on(server, "enabledCollectors: [table_bloat]")) {
            String wide = "{datname=\"tenant_2\",schemaname=\"public\",relname=\"wide\"}";
            Await.until("bloat", () -> exporter.scrape().has("pg_bloat_table_bloat_pct" + wide));
            Page page = exporter.scrape();
            assertThat(page.like("pg_bloat_table_bloat_pct")).hasSize(1);
            assertThat(page.value("pg_bloat_table_bloat_pct" + wide)).isBetween(20.0, 60.0);
        }
    }

    private void collector(String name, String more, String query) throws Exception {
        Files.writeString(directory.resolve(name + ".yaml"), """
                family: test_%s
                description: A test.
                run: background
                ttl: 1s
                %s
                query: %s
                metrics:
                  - name: { usage: LABEL }
                  - value: { usage: GAUGE, description: "A value." }
                """.formatted(name, more, query));
    }

    private static double sizeOfItem() throws SQLException {
        return number("shop", "SELECT pg_table_size('item')");
    }

    private static int sessions() throws SQLException {
        return (int) number("postgres", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'pgpod_exporter'");
    }

    private static double number(String database, String query) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                var result = statement.executeQuery(query)) {
            result.next();
            return result.getDouble(1);
        }
    }
}
