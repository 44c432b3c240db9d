package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.postgresql.PGConnection;

/** Real clients work through the proxy as they do against Postgres. */
class RelayTest {
    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.with(Map.of("wal_level", "logical"));
        proxy = ProxyFixture.start(postgres, Map.of("clientTls", "allowed"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    @Test
    void psqlConnectsWithVerifiedTls() {
        String output = Unprivileged.run(List.of(
                PostgresServer.PROGRAMS.resolve("psql").toString(),
                proxy.libpq(""),
                "-qAt",
                "-c",
                "select 6 * 7",
                "-c",
                "select count(*) from generate_series(1, 100000)"));
        assertThat(output).isEqualTo("42\n100000\n");
    }

    @Test
    void aScramPasswordIsCheckedByPostgresThroughTls() throws SQLException {
        postgres.execute("set password_encryption = 'scram-sha-256'; create role alice login password 'wonderland'");
        postgres.hba("local all alice scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 trust\n");
        postgres.reload();
        Map<String, String> right = Map.of("user", "alice", "password", "wonderland");
        try (Connection connection = proxy.connect(right)) {
            assertThat(text(connection, "select current_user")).isEqualTo("alice");
        }
        assertThatThrownBy(() -> proxy.connect(Map.of("user", "alice", "password", "wrong")))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("28P01"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
    void statementsWorkInEveryQueryMode(String mode) throws SQLException {
        try (Connection connection = proxy.connect(Map.of("preferQueryMode", mode, "prepareThreshold", "2"));
                PreparedStatement statement = connection.prepareStatement("select ?::int + 1, repeat(?, 3)")) {
            for (int i = 0; i < 20; i++) {
                statement.setInt(1, i);
                statement.setString(2, "ab");
                try (ResultSet rows = statement.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getInt(1)).isEqualTo(i + 1);
                    assertThat(rows.getString(2)).isEqualTo("ababab");
                }
            }
        }
    }

    @Test
    void pipelinedBatchesAndTheirErrorsComeThrough() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create temp table numbers (n int primary key)");
            try (PreparedStatement insert = connection.prepareStatement("insert into numbers values (?)")) {
                for (int i = 0; i < 5_000; i++) {
                    insert.setInt(1, i);
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).hasSize(5_000).containsOnly(1);
                insert.setInt(1, 1);
                insert.addBatch();
                assertThatThrownBy(insert::executeBatch).isInstanceOf(BatchUpdateException.class);
            }
            assertThat(text(connection, "select count(*) from numbers")).isEqualTo("5000");
        }
    }

    @Test
    void copyCarriesTensOfMegabytesBothWays() throws Exception {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create temp table lines (line text)");
            byte[] line = ("x".repeat(199) + "\n").getBytes(StandardCharsets.US_ASCII);
            byte[] megabytes = new byte[line.length * 200_000];
            for (int i = 0; i < megabytes.length; i += line.length) {
                System.arraycopy(line, 0, megabytes, i, line.length);
            }
            var copy = connection.unwrap(PGConnection.class).getCopyAPI();
            long rows = copy.copyIn("copy lines from stdin", new ByteArrayInputStream(megabytes), 65_536);
            assertThat(rows).isEqualTo(200_000);
            CRC32 sum = new CRC32();
            long copied = copy.copyOut("copy lines to stdout", new OutputStream() {
                @Override
                public void write(int b) {
                    sum.update(b);
                }

                @Override
                public void write(byte[] bytes, int from, int count) {
                    sum.update(bytes, from, count);
                }
            });
            assertThat(copied).isEqualTo(200_000);
            CRC32 expected = new CRC32();
            expected.update(megabytes);
            assertThat(sum.getValue()).isEqualTo(expected.getValue());
        }
    }

    @Test
    void oneLargeRowComesWhole() throws SQLException {
        try (Connection connection = proxy.connect();
                PreparedStatement statement = connection.prepareStatement("select ?::bytea")) {
            byte[] large = new byte[24_000_000];
            new Random(7).nextBytes(large);
            statement.setBytes(1, large);
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getBytes(1)).isEqualTo(large);
            }
        }
    }

    @Test
    void notificationsReachAnIdleListener() throws SQLException {
        try (Connection listener = proxy.connect();
                Connection speaker = proxy.connect();
                Statement listen = listener.createStatement();
                Statement notify = speaker.createStatement()) {
            listen.execute("listen news");
            notify.execute("notify news, 'hello'");
            var notifications = listener.unwrap(PGConnection.class).getNotifications(30_000);
            assertThat(notifications).hasSize(1);
            assertThat(notifications[0].getParameter()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify-full", "disable"})
    void aCancelRequestEndsTheStatementOfAnotherConnection(String sslMode) throws Exception {
        try (Connection connection = proxy.connect(Map.of("sslmode", sslMode));
                Statement statement = connection.createStatement()) {
            double before = proxy.metric("pgpod_proxy_cancel_requests_total");
            CompletableFuture<String> outcome = CompletableFuture.supplyAsync(() -> {
                try {
                    statement.execute("select pg_sleep(600) /* to be cancelled */");
                    return "not cancelled";
                } catch (SQLException cancelled) {
                    return String.valueOf(cancelled.getSQLState());
                }
            });
            Await.until("the statement runs", () -> {
                try (Connection other = postgres.connect()) {
                    return !text(
                                    other,
                                    "select count(*) from pg_stat_activity where query like '%to be cancelled%'"
                                            + " and wait_event = 'PgSleep' and pid <> pg_backend_pid()")
                            .equals("0");
                }
            });
            statement.cancel();
            assertThat(outcome.get()).isEqualTo("57014");
            assertThat(text(connection, "select 1")).isEqualTo("1");
            assertThat(proxy.metric("pgpod_proxy_cancel_requests_total")).isEqualTo(before + 1);
        }
    }

    @Test
    void outcomesAreCounted() throws SQLException {
        List<Double> before = outcomes();
        try (Connection connection = proxy.connect(Map.of("sslmode", "disable"));
                Statement statement = connection.createStatement()) {
            statement.execute("create temp table counted (n int primary key)");
            connection.setAutoCommit(false);
            statement.execute("insert into counted values (1)");
            statement.execute("update counted set n = 2");
            connection.commit();
            statement.execute("delete from counted");
            connection.rollback();
            connection.setAutoCommit(true);
            assertThatThrownBy(() -> statement.execute("insert into counted values (2)"))
                    .isInstanceOf(SQLException.class);
        }
        List<Double> after = outcomes();
        assertThat(IntStream.range(0, after.size()).mapToObj(i -> after.get(i) - before.get(i)))
                .as("one more of each of %s", COUNTED)
                .allMatch(difference -> difference == 1.0);
    }

    @Test
    void errorsAndNoticesAreCountedBySeverityAndNotByTheirTexts() throws SQLException {
        String errors = "pgpod_proxy_error_severities_total{severity=\"error\"}";
        String fatal = "pgpod_proxy_error_severities_total{severity=\"fatal\"}";
        String warnings = "pgpod_proxy_notices_total{severity=\"warning\"}";
        List<Double> before = List.of(proxy.metric(errors), proxy.metric(fatal), proxy.metric(warnings));
        try (Connection connection = proxy.connect(Map.of("sslmode", "disable"));
                Statement statement = connection.createStatement()) {
            statement.execute("do $$ begin raise warning 'SERROR VERROR'; end $$");
            assertThatThrownBy(() -> statement.execute("do $$ begin raise exception 'VFATAL'; end $$"))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> statement.execute("select pg_terminate_backend(pg_backend_pid())"))
                    .isInstanceOf(SQLException.class);
        }
        assertThat(proxy.metric(errors)).isEqualTo(before.get(0) + 1);
        assertThat(proxy.metric(fatal)).isEqualTo(before.get(1) + 1);
        assertThat(proxy.metric(warnings)).isEqualTo(before.get(2) + 1);
    }

    private static final List<String> COUNTED = List.of(
            "pgpod_proxy_statements_total{command=\"insert\"}",
            "pgpod_proxy_statements_total{command=\"update\"}",
            "pgpod_proxy_statements_total{command=\"delete\"}",
            "pgpod_proxy_transactions_total{outcome=\"commit\"}",
            "pgpod_proxy_transactions_total{outcome=\"rollback\"}",
            "pgpod_proxy_transactions_total{outcome=\"implicit_rollback\"}",
            "pgpod_proxy_errors_total{class=\"23\",sqlstate=\"23505\"}");

    private static List<Double> outcomes() {
        return COUNTED.stream().map(proxy::metric).toList();
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
