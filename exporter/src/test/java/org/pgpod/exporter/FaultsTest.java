package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** What a scrape says, and how soon, when Postgres is not well. */
class FaultsTest {
    /** The default deadline of a scrape, and what a busy machine may add. */
    private static final long DEADLINE_MILLIS = 3_000 + 2_000;

    private static final String UP = "pg_up";
    private static final String DATABASES = "pg_stat_database_numbackends";

    private PostgresServer server;
    private RunningExporter exporter;

    @BeforeEach
    void start() throws Exception {
        server = RunningExporter.prepared(PostgresServer.with(Map.of("max_connections", "12")));
        exporter = RunningExporter.on(server, "loginCheckInterval: 1s");
        Await.until("Postgres is up", () -> healthy(exporter.scrape()));
    }

    @AfterEach
    void stop() {
        exporter.close();
        server.close();
    }

    private static boolean healthy(Page page) {
        return page.value(UP) == 1 && !page.like(DATABASES).isEmpty();
    }

    /** Waits until a scrape says that Postgres is down; every one on the way must be punctual. */
    private Page awaitDown() {
        Page[] down = new Page[1];
        Await.until("pg_up is 0", () -> {
            down[0] = exporter.scrape();
            assertThat(down[0].millis()).isLessThan(DEADLINE_MILLIS);
            return down[0].value(UP) == 0;
        });
        return down[0];
    }

    @Test
    void aLockedTableDelaysNothing() throws Exception {
        server.execute(
                "CREATE TABLE busy AS SELECT generate_series(1, 100000) AS n; CREATE MATERIALIZED VIEW v AS TABLE busy");
        try (Connection locking = server.connect();
                Statement statement = locking.createStatement()) {
            locking.setAutoCommit(false);
            statement.execute("LOCK TABLE busy IN ACCESS EXCLUSIVE MODE");
            statement.execute("DROP MATERIALIZED VIEW v");
            int[] shown = {0};
            Await.until("five scrapes that show the lock", () -> {
                Page page = exporter.scrape();
                assertThat(page.millis()).isLessThan(2_500);
                assertThat(page.value("pg_exporter_last_scrape_error")).isZero();
                shown[0] += page.value("pg_locks_count{datname=\"postgres\",mode=\"accessexclusivelock\"}") > 0 ? 1 : 0;
                return shown[0] >= 5;
            });
        }
    }

    @Test
    void aLockedCatalogMakesFamiliesAgeAndNothingHang() throws Exception {
        try (Connection locking = server.connect();
                Statement statement = locking.createStatement()) {
            locking.setAutoCommit(false);
            statement.execute("LOCK TABLE pg_authid, pg_replication_slots IN ACCESS EXCLUSIVE MODE");
            Page[] page = new Page[1];
            Await.until("a family that needs the catalog ages", () -> {
                page[0] = exporter.scrape();
                assertThat(page[0].millis()).isLessThan(DEADLINE_MILLIS);
                return page[0].value("pg_scrape_collector_success{collector=\"stat_activity\"}") == 0
                        && page[0].age("stat_activity") > 2;
            });
            assertThat(page[0].like("pg_stat_activity_count"))
                    .as("the last values")
                    .isNotEmpty();
            assertThat(page[0].value("pgpod_exporter_family_failures_total{family=\"stat_activity\"}"))
                    .isPositive();
            assertThat(page[0].value("pg_exporter_last_scrape_error")).isEqualTo(1);
            Await.until(
                    "what needs no locked catalog is fresh",
                    () -> exporter.scrape().age("stat_archiver") < 2);
            locking.rollback();
        }
        Await.until("all is well again", () -> {
            Page page = exporter.scrape();
            return healthy(page) && page.value("pg_exporter_last_scrape_error") == 0;
        });
    }

    @Test
    void aStoppedServerIsDownAtOnceAndComesBack() throws Exception {
        server.stop();
        Page down = awaitDown();
        assertThat(down.millis()).isLessThan(2_500);
        assertThat(down.like("pg_stat_database")).isEmpty();
        assertThat(down.like("pg_database_size_bytes")).isEmpty();
        assertThat(exporter.get("/readyz").statusCode()).isEqualTo(200);
        assertThat(exporter.get("/readyz").body()).contains("does not answer");
        server.restart();
        Await.until("back", () -> healthy(exporter.scrape()));
        Await.until(
                "sizes are back",
                () -> !exporter.scrape().like("pg_database_size_bytes").isEmpty());
    }

    @Test
    void aRestartBetweenScrapesGoesUnnoticed() throws Exception {
        server.restart();
        Await.until("the restarted server accepts logins", () -> {
            server.connect().close();
            return true;
        });
        assertThat(healthy(exporter.scrape())).isTrue();
    }

    @Test
    void aKilledServerIsDown() {
        Unprivileged.run(List.of("kill", "-KILL", Long.toString(server.pid())));
        Page down = awaitDown();
        assertThat(down.like(DATABASES)).isEmpty();
        // A killed postmaster leaves its files behind, by which the test server tells that it still runs.
        Unprivileged.run(List.of("rm", "-f", server.socket().toString(), server.data() + "/postmaster.pid"));
    }

    @Test
    void aFrozenServerIsDownAndScrapesStayPunctual() throws Exception {
        List<String> processes = processes();
        signal("-STOP", processes);
        try {
            Page down = awaitDown();
            Await.until(
                    "nothing of the past is shown",
                    () -> exporter.scrape().like(DATABASES).isEmpty());
            assertThat(down.value("pgpod_exporter_late_scrapes_total")).isPositive();
        } finally {
            signal("-CONT", processes);
        }
        Await.until("thawed", () -> healthy(exporter.scrape()));
    }

    @Test
    void aFrozenPostmasterTakesNoLoginsButTheKeptConnectionStillReads() throws Exception {
        List<String> postmaster = List.of(Long.toString(server.pid()));
        signal("-STOP", postmaster);
        try {
            Page down = awaitDown();
            assertThat(down.like(DATABASES)).isNotEmpty();
            assertThat(exporter.scrape().age("stat_database")).isLessThan(5);
        } finally {
            signal("-CONT", postmaster);
        }
        Await.until("thawed", () -> healthy(exporter.scrape()));
    }

    @Test
    void aServerWithoutFreeConnectionsIsDownAndStillRead() throws Exception {
        List<Connection> all = new ArrayList<>();
        try {
            while (all.size() < 20) {
                all.add(server.connect());
            }
        } catch (SQLException full) {
            assertThat(full.getSQLState()).isEqualTo("53300");
        }
        Page down = awaitDown();
        assertThat(down.like(DATABASES)).isNotEmpty();
        assertThat(exporter.get("/readyz").body()).contains("a new login fails").contains("53300");
        for (Connection connection : all) {
            connection.close();
        }
        Await.until("up again", () -> healthy(exporter.scrape()));
    }

    @Test
    void aServerThatRecoversAndLetsNobodyInIsDownAndItsOwnWordsSayWhy() throws Exception {
        server.stop();
        server.append("standby.signal", "");
        server.append("postgresql.conf", "hot_standby = off\n");
        server.restart();
        Page down = awaitDown();
        assertThat(down.like("pg_stat_")).isEmpty();
        Await.until("its words", () -> exporter.get("/readyz").body().contains("57P03"));
        Unprivileged.run(Unprivileged.asServer(
                List.of("rm", server.data().resolve("standby.signal").toString())));
        server.restart();
        Await.until("up again", () -> healthy(exporter.scrape()));
    }

    @Test
    void aPasswordThatNoLongerFitsIsDownUntilItsFileIsReplaced() throws Exception {
        server.execute("ALTER ROLE pgpod_exporter PASSWORD 'another-one'");
        awaitDown();
        assertThat(exporter.get("/readyz").body()).contains("28P01").doesNotContain("another-one");
        Files.writeString(exporter.credential(), "another-one");
        Await.until("up again", () -> healthy(exporter.scrape()));
    }

    @Test
    void aMissingPasswordFileIsNamed() throws Exception {
        Files.delete(exporter.credential());
        awaitDown();
        assertThat(exporter.get("/readyz").body())
                .contains(exporter.credential().toString());
    }

    @Test
    void rulesThatRejectTheExporterShowAsDown() {
        server.hba("host all pgpod_exporter all reject\nhost all all 127.0.0.1/32 trust\n");
        server.reload();
        assertThat(awaitDown().like(DATABASES)).isNotEmpty();
    }

    @Test
    void anExporterThatWasThereFirstWaitsForItsServer() throws Exception {
        server.stop();
        try (RunningExporter early = RunningExporter.on(server, "loginCheckInterval: 1s")) {
            assertThat(early.scrape().value(UP)).isZero();
            server.restart();
            Await.until("found", () -> healthy(early.scrape()));
        }
    }

    @Test
    void aScraperInAHurryIsAnsweredInTime() throws Exception {
        List<String> processes = processes();
        signal("-STOP", processes);
        try {
            Page page = exporter.scrape("X-Prometheus-Scrape-Timeout-Seconds", "1");
            assertThat(page.millis()).isBetween(400L, 2_500L);
        } finally {
            signal("-CONT", processes);
        }
    }

    private List<String> processes() {
        String postmaster = Long.toString(server.pid());
        List<String> processes = new ArrayList<>(List.of(postmaster));
        Unprivileged.run(List.of("ps", "--ppid", postmaster, "-o", "pid="))
                .lines()
                .map(String::strip)
                .forEach(processes::add);
        return processes;
    }

    private static void signal(String signal, List<String> processes) {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        command.addAll(processes);
        Unprivileged.run(command);
    }
}
