package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** The exporter beside a real standby, until it is promoted, and beside its primary. */
class StandbyTest {
    private static final String PROGRAMS = PostgresServer.PROGRAMS + "/";

    @Test
    void lagIsTrueOnBothSidesAndThePromotedStandbyIsAPrimaryAtOnce() throws Exception {
        Path directory = Unprivileged.directory("standby");
        int port = PostgresServer.freePort();
        try (PostgresServer primary = RunningExporter.prepared(PostgresServer.start())) {
            primary.execute("SELECT pg_create_physical_replication_slot('standby_1')");
            clone(primary, directory, port);
            try (RunningExporter beside = RunningExporter.on(port, "compatibility: [postgres_exporter, cnpg]");
                    RunningExporter upstream = RunningExporter.on(primary)) {
                streamingIsShown(beside, upstream);
                aCutStreamShowsAsGrowingLag(primary, beside);
                aPromotionInTheMidstOfAScrapeHarmsNoPage(directory, port);
                promotionIsShown(beside);
            } finally {
                control(directory, "stop", "--mode=immediate");
            }
        } finally {
            Unprivileged.delete(directory);
        }
    }

    private static void clone(PostgresServer primary, Path directory, int port) {
        asServer(
                PROGRAMS + "pg_basebackup",
                "--pgdata=" + directory + "/data",
                "--host=127.0.0.1",
                "--port=" + primary.port(),
                "--username=postgres",
                "--slot=standby_1",
                "--checkpoint=fast",
                "--no-sync",
                "--write-recovery-conf");
        asServer(
                "sh",
                "-c",
                "printf \"port = %s\\nunix_socket_directories = '%s'\\n\" " + port + " " + directory + " >> "
                        + directory + "/data/postgresql.conf");
        control(directory, "start", "--wait", "--log=" + directory + "/server.log");
    }

    private static void control(Path directory, String action, String... options) {
        asServer(
                "sh",
                "-c",
                PROGRAMS + "pg_ctl " + action + " --silent --pgdata=" + directory + "/data " + String.join(" ", options)
                        + " > /dev/null 2>&1");
    }

    private static void asServer(String... command) {
        Unprivileged.run(Unprivileged.asServer(List.of(command)));
    }

    private static void streamingIsShown(RunningExporter beside, RunningExporter upstream) throws Exception {
        Await.until("the standby streams and has replayed all", () -> {
            Page page = beside.scrape();
            return page.value("pg_up") == 1
                    && page.series().getOrDefault("pg_replication_is_replica", 0.0) == 1
                    && page.value("pg_replication_lag_seconds") == 0
                    && !page.like(
                                    "pg_stat_wal_receiver_flushed_lsn{upstream_host=\"127.0.0.1\",slot_name=\"standby_1\"")
                            .isEmpty();
        });
        Await.until(
                "tables were read",
                () -> beside.scrape().has("pg_scrape_collector_success{collector=\"stat_user_tables\"}"));
        Page standby = beside.scrape();
        assertThat(standby.like("pg_scrape_collector_success"))
                .allSatisfy(
                        series -> assertThat(standby.value(series)).as(series).isEqualTo(1));
        // The walsender may still call it catching up when the standby has long replayed all.
        Await.until(
                "the primary says that it streams",
                () -> !upstream.scrape()
                        .like(
                                "pg_stat_replication_pg_wal_lsn_diff{application_name=\"walreceiver\",client_addr=\"127.0.0.1\",state=\"streaming\",slot_name=\"standby_1\"}")
                        .isEmpty());
        Page page = upstream.scrape();
        assertThat(page.value("pg_replication_is_replica")).isZero();
        assertThat(page.value("pg_replication_slots_active{slot_name=\"standby_1\",database=\"\"}"))
                .isEqualTo(1);
        assertThat(
                        page.value(
                                "pg_replication_slots_wal_status{slot_name=\"standby_1\",slot_type=\"physical\",wal_status=\"reserved\"}"))
                .isEqualTo(1);
        assertThat(
                        page.like(
                                "pg_stat_replication_pg_wal_lsn_diff{application_name=\"walreceiver\",client_addr=\"127.0.0.1\",state=\"streaming\",slot_name=\"standby_1\"}"))
                .hasSize(1);
        assertThat(page.like("pg_stat_wal_receiver")).isEmpty();
    }

    private static void aCutStreamShowsAsGrowingLag(PostgresServer primary, RunningExporter beside) {
        primary.execute("CREATE TABLE t AS SELECT 1 AS n");
        primary.stop();
        Await.until(
                "lag grows although nothing is left to replay",
                () -> beside.scrape().value("pg_replication_lag_seconds") > 1);
    }

    private static void aPromotionInTheMidstOfAScrapeHarmsNoPage(Path directory, int port) throws Exception {
        Path collectors = Files.createTempDirectory("collectors");
        Files.writeString(collectors.resolve("slow.yaml"), """
                family: test_slow
                description: Keeps a collection busy.
                ttl: 1h
                timeout: 5s
                query: SELECT 1 AS n FROM pg_sleep(3)
                metrics:
                  - n: { usage: GAUGE, description: "One." }
                """);
        try (RunningExporter slow =
                RunningExporter.on(port, "collectorDirectory: " + collectors, "scrapeDeadline: 20s")) {
            CompletableFuture<HttpResponse<String>> scrape = slow.getLater("/metrics");
            control(directory, "promote", "--wait");
            HttpResponse<String> answer = scrape.get(30, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(200);
            Page page = Page.parse(answer.body(), 0);
            assertThat(page.value("pg_up")).isEqualTo(1);
            assertThat(page.value("pg_exporter_last_scrape_error")).isZero();
            assertThat(page.value("test_slow_n")).isEqualTo(1);
            promotionIsShown(slow);
        } finally {
            Unprivileged.delete(collectors);
        }
    }

    private static void promotionIsShown(RunningExporter beside) {
        Await.until("the promoted server shows as a primary", () -> {
            Page page = beside.scrape();
            return page.value("pg_up") == 1
                    && page.value("pg_replication_is_replica") == 0
                    && page.value("pg_replication_lag_seconds") == 0
                    && page.like("pg_stat_wal_receiver").isEmpty()
                    && page.value("pg_exporter_last_scrape_error") == 0;
        });
    }
}
