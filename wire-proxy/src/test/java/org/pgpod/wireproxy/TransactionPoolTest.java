package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgpod.wireproxy.testing.PoolFixture.execute;
import static org.pgpod.wireproxy.testing.PoolFixture.value;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.Await;
import org.pgpod.wireproxy.testing.PoolFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.postgresql.PGConnection;

/** Clients share two server connections by the transaction, and none finds anything of another. */
class TransactionPoolTest {
    private static PoolFixture pool;

    @BeforeAll
    static void start() throws IOException {
        pool = PoolFixture.start(
                "transaction",
                Map.of("poolSize", "2", "poolConnectionsPerUser", "2", "preparedStatementsPerServer", "10"));
        pool.postgres().execute("create table shared (n int primary key, t text)");
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    private static long servers() throws SQLException {
        try (Connection direct = pool.postgres().connect()) {
            return Long.parseLong(value(direct, "select count(*) from pg_stat_activity where usename = 'app'"));
        }
    }

    /** What is skipped after an error must not let a later message of the same burst find what another client prepared. */
    @ParameterizedTest
    @ValueSource(strings = {"close", "parse", "query"})
    void aSkippedMessageDoesNotUncoverAnotherClientsStatement(String skipped) throws IOException {
        try (RawClient one = pool.raw();
                RawClient other = pool.raw()) {
            one.send(RawClient.message('P', "", "select 'of another client'", "\0"));
            one.send(RawClient.message('S'));
            one.readUntil('Z');
            byte[] overtaken = switch (skipped) {
                case "close" -> RawClient.message('C', "S");
                case "parse" -> RawClient.message('P', "", "select 'own'", "\0");
                default -> RawClient.query("select 'own'");
            };
            ByteArrayOutputStream burst = new ByteArrayOutputStream();
            burst.writeBytes(RawClient.message('B', "", "nowhere", "\0\0\0\0\0"));
            burst.writeBytes(overtaken);
            burst.writeBytes(RawClient.message('S'));
            burst.writeBytes(RawClient.message('B', "", "", "\0\0\0\0\0"));
            burst.writeBytes(RawClient.message('E', "", "\0\0\0"));
            burst.writeBytes(RawClient.message('S'));
            other.send(burst.toByteArray());
            assertThat(other.readUntil('Z').getFirst().field('C')).isEqualTo("26000");
            assertThat(other.readUntil('Z').getFirst().field('C')).isEqualTo("26000");
        }
    }

    @Test
    void manyClientsShareFewServerConnections() throws SQLException {
        List<Connection> clients = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            clients.add(pool.connect());
        }
        for (int round = 0; round < 5; round++) {
            for (Connection client : clients) {
                client.setAutoCommit(round % 2 == 0);
                assertThat(value(client, "select " + round)).isEqualTo("" + round);
                if (!client.getAutoCommit()) {
                    client.commit();
                }
            }
        }
        // Logins that found no room in the pool have ended, or will in a moment.
        Await.until("two server connections are left", () -> servers() <= 2);
        for (Connection client : clients) {
            client.close();
        }
    }

    @Test
    void statementsPreparedElsewhereAreFoundEverywhere() throws SQLException {
        List<Connection> clients = new ArrayList<>();
        List<PreparedStatement> statements = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Connection client = pool.connect(Map.of("prepareThreshold", "1"));
            clients.add(client);
            for (int j = 0; j < 6; j++) {
                // More statements than stay prepared at a server connection; some the same for all clients.
                String own = j < 3 ? "" : " + 0 * " + i;
                statements.add(client.prepareStatement("select ?::int + " + j + own + " as r" + j));
            }
        }
        Connection busy = pool.connect();
        for (int round = 0; round < 8; round++) {
            // Takes one of the two connections away in every other round, so that clients change between them.
            busy.setAutoCommit(round % 2 == 0);
            value(busy, "select 1");
            for (int i = 0; i < statements.size(); i++) {
                PreparedStatement statement = statements.get((i * 7 + round) % statements.size());
                statement.setInt(1, round);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    assertThat(row.getInt(1)).isEqualTo(round + (i * 7 + round) % statements.size() % 6);
                }
            }
            if (!busy.getAutoCommit()) {
                busy.commit();
            }
        }
        for (Connection client : clients) {
            client.close();
        }
        busy.close();
    }

    @Test
    void everyClientKeepsItsOwnReportedSettings() throws SQLException {
        try (Connection one = pool.connect(Map.of("ApplicationName", "it's one"));
                Connection two = pool.connect(Map.of("ApplicationName", "two"))) {
            execute(one, "set time zone 'Asia/Tokyo'");
            for (int i = 0; i < 3; i++) {
                assertThat(value(one, "show timezone")).isEqualTo("Asia/Tokyo");
                assertThat(value(two, "show timezone")).isNotEqualTo("Asia/Tokyo");
                assertThat(value(one, "show application_name")).isEqualTo("it's one");
                assertThat(value(two, "show application_name")).isEqualTo("two");
            }
        }
    }

    @Test
    void aSettingThatPostgresDoesNotReportStaysWithItsClient() throws SQLException {
        try (Connection one = pool.connect();
                Connection two = pool.connect();
                Connection three = pool.connect()) {
            execute(one, "set statement_timeout = '77s'");
            for (int i = 0; i < 4; i++) {
                assertThat(value(one, "show statement_timeout")).isEqualTo("77s");
                assertThat(value(two, "show statement_timeout")).isEqualTo("0");
                assertThat(value(three, "show statement_timeout")).isEqualTo("0");
            }
        }
        try (Connection next = pool.connect()) {
            assertThat(value(next, "show statement_timeout")).isEqualTo("0");
        }
    }

    @Test
    void temporaryTablesAndLocksEndWithTheirClient() throws SQLException {
        try (Connection one = pool.connect()) {
            execute(one, "create temp table mine (n int)");
            value(one, "select pg_advisory_lock(4711)::text");
            assertThat(value(one, "select count(*) from mine")).isEqualTo("0");
        }
        try (Connection next = pool.connect();
                Connection other = pool.connect()) {
            Await.until(
                    "the lock is free",
                    () -> value(next, "select pg_try_advisory_xact_lock(4711)").equals("t"));
            for (Connection client : List.of(next, other)) {
                assertThatThrownBy(() -> value(client, "select count(*) from mine"))
                        .hasMessageContaining("does not exist");
            }
        }
    }

    @Test
    void notificationsReachTheirListener() throws SQLException {
        try (Connection listener = pool.connect();
                Connection sender = pool.connect()) {
            execute(listener, "listen news");
            execute(sender, "notify news, 'hello'");
            Await.until("the notification", () -> {
                var all = listener.unwrap(PGConnection.class).getNotifications(100);
                return all != null && all.length > 0 && all[0].getParameter().equals("hello");
            });
            assertThat(sender.unwrap(PGConnection.class).getNotifications()).isNullOrEmpty();
        }
    }

    @Test
    void anErrorInATransactionStaysInIt() throws SQLException {
        try (Connection one = pool.connect(Map.of("autosave", "always", "prepareThreshold", "1"));
                Connection two = pool.connect()) {
            one.setAutoCommit(false);
            execute(one, "insert into shared values (1, 'one') on conflict do nothing");
            assertThatThrownBy(() -> execute(one, "insert into shared values (1, 'again')"))
                    .hasMessageContaining("duplicate key");
            assertThat(value(one, "select t from shared where n = 1")).isEqualTo("one");
            one.commit();
            assertThat(value(two, "select t from shared where n = 1")).isEqualTo("one");
        }
    }

    @Test
    void aClientThatVanishesInATransactionLeavesNothing() throws Exception {
        for (int i = 0; i < 4; i++) {
            try (RawClient client = pool.raw()) {
                client.send(RawClient.query("begin; insert into shared values (2, 'lost')"));
                client.readUntil('Z');
            }
            assertNothingIsLeft();
        }
    }

    @Test
    void aClientThatVanishesInACopyLeavesNothing() throws Exception {
        for (String copy : List.of("copy shared from stdin", "copy (select generate_series(1, 3000000)) to stdout")) {
            try (RawClient client = pool.raw()) {
                client.send(RawClient.query(copy));
                assertThat(client.readMessage().type()).isIn('G', 'H');
                client.send(new byte[] {'d', 0, 0, 0, 99, '3'});
            }
            assertNothingIsLeft();
        }
    }

    @Test
    void aClientThatVanishesInAPipelineLeavesNothing() throws Exception {
        for (int i = 0; i < 4; i++) {
            try (RawClient client = pool.raw()) {
                client.send(RawClient.message('P', "", "select pg_sleep(0.05)\0\0"));
                client.send(RawClient.message('B', "", "\0\0\0\0\0"));
                client.send(RawClient.message('H'));
                client.readMessage();
            }
            assertNothingIsLeft();
        }
    }

    @Test
    void lateCopyDataDoesNoHarm() throws Exception {
        try (RawClient client = pool.raw()) {
            client.send(RawClient.query("copy shared (n) from stdin"));
            client.readUntil('G');
            client.send(RawClient.message('d', "no number\n"));
            client.send(RawClient.message('d', "no number\n"));
            client.send(RawClient.message('c'));
            client.readUntil('Z');
            for (int i = 0; i < 3; i++) {
                client.send(RawClient.message('d', "late\n"));
                client.send(RawClient.message('c'));
            }
            assertNothingIsLeft();
            client.send(RawClient.query("select 'well'"));
            assertThat(client.readUntil('Z')).hasSize(4);
        }
    }

    private static void assertNothingIsLeft() throws SQLException {
        try (Connection one = pool.connect();
                Connection two = pool.connect()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            for (Connection client : List.of(one, two)) {
                assertThat(value(client, "select count(*) from shared where n in (2, 3)"))
                        .isEqualTo("0");
            }
            one.commit();
            two.commit();
        }
    }

    @Test
    void aCancelRequestReachesItsStatement() throws Exception {
        try (Connection client = pool.connect();
                Statement statement = client.createStatement()) {
            CompletableFuture<String> state = CompletableFuture.supplyAsync(() -> {
                try {
                    statement.execute("select pg_sleep(60)");
                    return "done";
                } catch (SQLException failed) {
                    return failed.getSQLState();
                }
            });
            Await.until("the statement is cancelled", () -> {
                statement.cancel();
                return state.isDone();
            });
            assertThat(state.get()).isEqualTo("57014");
            assertThat(value(client, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void aLateCancelRequestNeverReachesAnotherClient() throws Exception {
        CompletableFuture<Integer> victim = CompletableFuture.supplyAsync(() -> {
            try (Connection client = pool.connect()) {
                int done = 0;
                for (int i = 0; i < 400; i++) {
                    value(client, "select count(*) from generate_series(1, 2000)");
                    done++;
                }
                return done;
            } catch (SQLException failed) {
                throw new IllegalStateException(failed);
            }
        });
        try (Connection client = pool.connect();
                Statement statement = client.createStatement()) {
            while (!victim.isDone()) {
                CompletableFuture<Void> cancel = CompletableFuture.runAsync(() -> {
                    try {
                        statement.cancel();
                    } catch (SQLException late) {
                        throw new IllegalStateException(late);
                    }
                });
                try {
                    statement.executeQuery("select 1").close();
                } catch (SQLException cancelled) {
                    assertThat(cancelled.getSQLState()).isEqualTo("57014");
                }
                cancel.get();
            }
        }
        assertThat(victim.get()).isEqualTo(400);
    }

    @Test
    void whatCannotBePreparedIsAnErrorOfItsClientOnly() throws Exception {
        try (RawClient one = pool.raw();
                RawClient two = pool.raw()) {
            one.send(RawClient.message('P', "s", "select from nowhere\0\0"));
            one.send(RawClient.message('S'));
            assertThat(one.readUntil('Z').getFirst().field('C')).isEqualTo("42P01");
            one.send(RawClient.message('P', "s", "select 1\0\0"));
            one.send(RawClient.message('S'));
            assertThat(one.readUntil('Z').getFirst().type()).isEqualTo('1');
            two.send(RawClient.message('B', "", "s\0\0\0\0\0\0"));
            two.send(RawClient.message('S'));
            assertThat(two.readUntil('Z').getFirst().field('C')).isEqualTo("26000");
            one.send(RawClient.message('P', "s", "select 2\0\0"));
            one.send(RawClient.message('S'));
            assertThat(one.readUntil('Z').getFirst().field('C')).isEqualTo("42P05");
        }
    }

    private static Path script() throws IOException {
        return Files.writeString(pool.proxy().directory().resolve("bench.sql"), """
                \\set n random(100, 900)
                select count(*) from shared where n = :n;
                insert into shared values (:n, 'x') on conflict (n) do update set t = 'y';
                select :n + 1;
                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "prepared"})
    void pgbenchRunsWithoutAnError(String protocol) throws Exception {
        ProcessBuilder bench = new ProcessBuilder(
                        "pgbench",
                        "--no-vacuum",
                        "--protocol=" + protocol,
                        "--client=8",
                        "--transactions=100",
                        "--file=" + script(),
                        "host=localhost port=" + pool.proxy().port() + " dbname=postgres sslmode=disable user="
                                + PoolFixture.ROLE)
                .redirectErrorStream(true);
        bench.environment().put("PGPASSWORD", PoolFixture.PASSWORD);
        Process process = bench.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("actually processed: 800/800").contains("failed transactions: 0");
    }
}
