package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** Families show what is going on in a server: who blocks whom, who holds back VACUUM, what runs and how far it is. */
class FamiliesTest {
    private static PostgresServer server;
    private static RunningExporter exporter;

    private final List<Connection> connections = new ArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws Exception {
        server = RunningExporter.prepared(PostgresServer.with(
                Map.of("max_prepared_transactions", "5", "shared_preload_libraries", "pg_stat_statements")));
        server.execute("CREATE EXTENSION pg_stat_statements");
        server.execute("CREATE TABLE item AS SELECT generate_series(1, 1000) AS n");
        exporter = RunningExporter.on(server, "enabledCollectors: [stat_statements_text]");
    }

    @AfterAll
    static void stop() {
        exporter.close();
        server.close();
    }

    @AfterEach
    void letGo() throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
        threads.close();
    }

    private Connection transaction() throws SQLException {
        Connection connection = server.connect();
        connections.add(connection);
        connection.setAutoCommit(false);
        return connection;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Runs what will wait for a lock, until its connection or that of its blocker is closed. */
    private void executeLater(Connection connection, String sql) {
        threads.execute(() -> {
            try {
                execute(connection, sql);
            } catch (SQLException closed) {
                // The test is over.
                return;
            }
        });
    }

    @Test
    void whoWaitsForALockAndWhoKeepsThemWaitingIsShown() throws Exception {
        Connection root = transaction();
        execute(root, "SET application_name = 'greedy'");
        execute(root, "LOCK TABLE item IN ACCESS EXCLUSIVE MODE");
        Connection second = transaction();
        execute(second, "CREATE TABLE held ()");
        execute(second, "LOCK TABLE pg_ts_dict IN SHARE MODE");
        executeLater(second, "SELECT count(*) FROM item");
        executeLater(transaction(), "LOCK TABLE pg_ts_dict IN ACCESS EXCLUSIVE MODE");
        Await.until(
                "a chain of two", () -> exporter.scrape().series().getOrDefault("pg_blocking_chain_length", 0.0) == 2);
        Await.until(
                "its root",
                () -> exporter.scrape()
                        .has("pg_blocking_root_blocked_sessions{datname=\"postgres\",usename=\"postgres\","
                                + "application_name=\"greedy\",state=\"idle in transaction\"}"));
        Page page = exporter.scrape();
        assertThat(page.value("pg_blocking_blocked_sessions")).isEqualTo(2);
        assertThat(page.value("pg_blocking_root_sessions")).isEqualTo(1);
        assertThat(page.value("pg_blocking_oldest_query_seconds")).isPositive();
    }

    @Test
    void whoHoldsBackVacuumIsShown() throws Exception {
        server.execute("BEGIN; INSERT INTO item VALUES (0); PREPARE TRANSACTION 'forgotten'");
        try {
            for (int i = 0; i < 20; i++) {
                server.execute("INSERT INTO item VALUES (0)");
            }
            String holder = "pg_xmin_horizon_age_transactions{holder=\"prepared_transaction\",name=\"forgotten\"}";
            Await.until("the holder", () -> exporter.scrape().has(holder));
            Page page = exporter.scrape();
            assertThat(page.value(holder)).isGreaterThanOrEqualTo(20);
            assertThat(page.value("pg_xmin_horizon_age_transactions{holder=\"replication_slot\",name=\"\"}"))
                    .isZero();
            assertThat(page.value("pg_prepared_transactions_count{datname=\"postgres\"}"))
                    .isEqualTo(1);
        } finally {
            server.execute("ROLLBACK PREPARED 'forgotten'");
        }
    }

    @Test
    void howFarAnIndexIsIsShown() throws Exception {
        Connection writer = transaction();
        execute(writer, "INSERT INTO item VALUES (0)");
        Connection builder = server.connect();
        connections.add(builder);
        executeLater(builder, "CREATE INDEX CONCURRENTLY item_n ON item (n)");
        String building = "pg_stat_progress_create_index_lockers{datname=\"postgres\",schemaname=\"public\","
                + "relname=\"item\",command=\"CREATE INDEX CONCURRENTLY\",phase=\"waiting for writers before build\"}";
        Await.until("it waits", FamiliesTest::anIndexIsBeingBuilt);
        try (RunningExporter fresh = RunningExporter.on(server)) {
            Await.until("it is shown", () -> fresh.scrape().has(building));
            assertThat(fresh.scrape().value(building)).isEqualTo(1);
        }
    }

    private static boolean anIndexIsBeingBuilt() throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                var result = statement.executeQuery(
                        "SELECT FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting for writers%'")) {
            return result.next();
        }
    }

    @Test
    void statementsAreShownByTimeWithTheirTextOnlyOnDemand() throws Exception {
        Await.until(
                "statements",
                () -> !exporter.scrape()
                        .like("pg_stat_statements_seconds_total{user=\"postgres\",datname=\"postgres\",queryid=\"")
                        .isEmpty());
        Page page = exporter.scrape();
        assertThat(page.like("pg_stat_statements_calls_total")).hasSizeLessThanOrEqualTo(100);
        assertThat(page.like("pg_stat_statements_query_id"))
                .anyMatch(series -> series.contains("CREATE TABLE item AS SELECT generate_series("));
        try (RunningExporter standard = RunningExporter.on(server)) {
            Await.until(
                    "statements",
                    () -> !standard.scrape()
                            .like("pg_stat_statements_calls_total")
                            .isEmpty());
            assertThat(standard.scrape().like("pg_stat_statements_query_id")).isEmpty();
        }
    }
}
