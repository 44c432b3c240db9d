package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** The exporter beside a healthy primary. */
class ExporterTest {
    private static PostgresServer server;
    private static RunningExporter exporter;

    @BeforeAll
    static void start() throws Exception {
        server = RunningExporter.prepared(PostgresServer.start());
        exporter = RunningExporter.on(server);
        Await.until(
                "sizes from the background",
                () -> exporter.scrape().has("pg_database_size_bytes{datname=\"postgres\"}"));
    }

    @AfterAll
    static void stop() {
        exporter.close();
        server.close();
    }

    @Test
    void theNamesTypesAndLabelsAreThoseOfPostgresExporter() throws Exception {
        Page page = exporter.scrape();
        assertThat(page.value("pg_up")).isEqualTo(1);
        assertThat(page.value("pg_replication_lag_seconds")).isZero();
        assertThat(page.value("pg_replication_is_replica")).isZero();
        assertThat(page.value("pg_locks_count{datname=\"postgres\",mode=\"accessexclusivelock\"}"))
                .isZero();
        assertThat(page.value("pg_settings_max_connections")).isEqualTo(100);
        assertThat(page.value("pg_settings_shared_buffers_bytes")).isEqualTo(16 * 1024 * 1024);
        assertThat(page.value("pg_settings_checkpoint_timeout_seconds")).isEqualTo(300);
        assertThat(page.value("pg_settings_fsync")).isZero();
        assertThat(page.value("pg_settings_log_min_duration_statement_seconds")).isEqualTo(-1);
        assertThat(page.value("pg_database_size_bytes{datname=\"template0\"}")).isGreaterThan(1_000_000);
        assertThat(page.like("pg_static{short_version=\"15.")).hasSize(1);
        assertThat(page.like("pg_settings_")).hasSizeGreaterThan(240);
        assertThat(page.value("pg_wal_size_bytes")).isPositive();
        assertThat(page.like("pg_stat_database_xact_commit{datid=")).hasSize(3);
        assertThat(page.types())
                .containsEntry("pg_stat_database_xact_commit", "counter")
                .containsEntry("pg_stat_database_numbackends", "gauge")
                .containsEntry("pg_stat_database_active_time_seconds_total", "counter")
                .containsEntry("pg_stat_activity_count", "gauge")
                .containsEntry("pg_stat_archiver_archived_count", "counter")
                .containsEntry("pg_stat_bgwriter_buffers_alloc_total", "counter")
                .containsEntry("pg_static", "untyped");
    }

    @Test
    void activityShowsOtherSessionsAndNotTheExportersOwn() throws Exception {
        try (Connection busy = server.connect();
                Statement statement = busy.createStatement()) {
            statement.execute("SET application_name = 'line 1\" \\ end'");
            busy.setAutoCommit(false);
            statement.execute("SELECT 1");
            Page[] page = new Page[1];
            Await.until("the session on the page", () -> {
                page[0] = exporter.scrape();
                return page[0].text().contains("application_name=\"line 1\\\" \\\\ end\"");
            });
            assertThat(page[0].value("pg_stat_activity_count{datname=\"postgres\",state=\"idle in transaction\","
                            + "usename=\"postgres\",application_name=\"line 1\\\" \\\\ end\","
                            + "backend_type=\"client backend\",wait_event_type=\"Client\",wait_event=\"ClientRead\"}"))
                    .isEqualTo(1);
            assertThat(page[0].text()).doesNotContain("application_name=\"pgpod_exporter\"");
        }
    }

    @Test
    void ownMetricsCarryNamesThatPrometheusApproves() throws Exception {
        Page page = exporter.scrape();
        assertThat(page.value("pg_exporter_scrapes_total")).isPositive();
        assertThat(page.value("pg_exporter_last_scrape_error")).isZero();
        assertThat(page.value("process_resident_memory_bytes")).isGreaterThan(1_000_000);
        assertThat(page.value("process_cpu_seconds_total")).isPositive();
        assertThat(page.like("jvm_memory_used_bytes")).isNotEmpty();
        assertThat(page.age("stat_database")).isBetween(0.0, 30.0);
        assertThat(page.like("pg_scrape_collector_success"))
                .hasSizeGreaterThan(15)
                .allSatisfy(series -> assertThat(page.value(series)).as(series).isEqualTo(1));
    }

    @Test
    void fewSessionsAreEnough() throws Exception {
        for (int i = 0; i < 20; i++) {
            exporter.scrape();
        }
        assertThat(sessions()).isLessThanOrEqualTo(3);
    }

    private static int sessions() throws Exception {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                var result = statement.executeQuery(
                        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'pgpod_exporter'")) {
            result.next();
            return result.getInt(1);
        }
    }

    @Test
    void theKeptSessionCannotHurtTheServer(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("limits.yaml"), """
                family: test_limits
                description: The session's own settings.
                query: |
                  SELECT name, setting, 1 AS here FROM pg_settings
                  WHERE name IN ('default_transaction_read_only', 'jit', 'lock_timeout', 'search_path',
                                 'idle_in_transaction_session_timeout', 'statement_timeout', 'application_name')
                metrics:
                  - name: { usage: LABEL }
                  - setting: { usage: LABEL }
                  - here: { usage: GAUGE, description: "One." }
                """);
        try (RunningExporter own = RunningExporter.on(server, "collectorDirectory: " + directory)) {
            assertThat(own.scrape().like("test_limits_here"))
                    .containsExactlyInAnyOrder(
                            "test_limits_here{name=\"application_name\",setting=\"pgpod_exporter\"}",
                            "test_limits_here{name=\"default_transaction_read_only\",setting=\"on\"}",
                            "test_limits_here{name=\"idle_in_transaction_session_timeout\",setting=\"10000\"}",
                            "test_limits_here{name=\"jit\",setting=\"off\"}",
                            "test_limits_here{name=\"lock_timeout\",setting=\"100\"}",
                            "test_limits_here{name=\"search_path\",setting=\"pg_catalog\"}",
                            "test_limits_here{name=\"statement_timeout\",setting=\"500\"}");
        }
    }

    @Test
    void theOtherPagesAreThere() throws Exception {
        assertThat(exporter.get("/livez").statusCode()).isEqualTo(200);
        assertThat(exporter.get("/readyz").body()).contains("postgres: PostgreSQL 15.", " primary");
        assertThat(exporter.get("/").body()).contains("<a href=\"/metrics\">", "PostgreSQL 15.");
        assertThat(exporter.get("/nothing").statusCode()).isEqualTo(404);
        assertThat(exporter.get("/metrics").headers().firstValue("Content-Type"))
                .contains("text/plain; version=0.0.4; charset=utf-8");
    }

    @Test
    void metricsOfOtherSidecarsAreShownWithTheirOwner() throws Exception {
        String targets = "mergeTargets: ['other=http://127.0.0.1:%d/metrics', 'gone=http://127.0.0.1:%d/metrics']"
                .formatted(exporter.port(), PostgresServer.freePort());
        try (RunningExporter merging = RunningExporter.on(server, targets)) {
            Page page = merging.scrape();
            assertThat(page.value("pgpod_exporter_merge_up{sidecar=\"other\"}")).isEqualTo(1);
            assertThat(page.value("pgpod_exporter_merge_up{sidecar=\"gone\"}")).isZero();
            assertThat(page.has("process_uptime_seconds")).isTrue();
            assertThat(page.has("process_uptime_seconds{sidecar=\"other\"}")).isTrue();
        }
    }

    @Test
    void aPortInUseIsOneClearSentence() {
        assertThatIOException()
                .isThrownBy(() -> RunningExporter.on(server, "adminPort: " + exporter.port()))
                .withMessageContaining("cannot listen on 127.0.0.1:" + exporter.port());
    }
}
