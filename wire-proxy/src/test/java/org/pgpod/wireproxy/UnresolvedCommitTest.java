package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;

/** A commit whose wait for synchronous standbys was given up is never a success, in front of a server that has none. */
class UnresolvedCommitTest {
    private static final String METRIC = "pgpod_proxy_unresolved_commits_total";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    /** The row that a test writes; its number also tells the test's session from others. */
    private final int number = NUMBER.incrementAndGet();

    private final String insert = "insert into written values (" + number + ")";

    @BeforeAll
    static void start() {
        postgres = PostgresServer.with(Map.of("synchronous_standby_names", "ANY 1 (nobody)"));
        postgres.execute("set synchronous_commit = local; create table written (n int)");
        proxy = ProxyFixture.start(postgres, Map.of("clientTls", "allowed"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    private static long answer(String sql) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : -1;
        }
    }

    /** Ends the wait of the one session that waits, by {@code pg_cancel_backend} or {@code pg_terminate_backend}. */
    private static void endWaitBy(String function) {
        Await.until(
                "a commit waits and is ended by " + function,
                () -> answer("select count(" + function + "(pid)) from pg_stat_activity where wait_event = 'SyncRep'")
                        == 1);
    }

    private void assertCommittedHere() throws SQLException {
        assertThat(answer("select count(*) from written where n = " + number)).isEqualTo(1);
    }

    private interface Work {
        void run() throws SQLException;
    }

    /** Runs the work, ends its wait, and returns what it failed with. */
    private static SQLException failureOf(Work work, String function) {
        CompletableFuture<SQLException> failure = CompletableFuture.supplyAsync(() -> {
            try {
                work.run();
                return new SQLException("the client took it for a success", "00000");
            } catch (SQLException failed) {
                return failed;
            }
        });
        endWaitBy(function);
        return failure.join();
    }

    private static RawClient client() throws IOException {
        return RawClient.connect(proxy.port()).login();
    }

    /** Everything that the server sends until it closes. */
    private static List<Message> readAll(RawClient client) throws IOException {
        List<Message> messages = new ArrayList<>();
        try {
            while (true) {
                messages.add(client.readMessage());
            }
        } catch (EOFException end) {
            return messages;
        }
    }

    private static String types(List<Message> messages) {
        StringBuilder types = new StringBuilder();
        messages.forEach(message -> types.append(message.type()));
        return types.toString();
    }

    private static byte[] pipeline(byte[]... messages) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            bytes.write(message);
        }
        return bytes.toByteArray();
    }

    /** Parse, Bind and Execute of a statement without parameters. */
    private static byte[] extended(String sql) throws IOException {
        byte[] none = {0, 0};
        return pipeline(
                frame('P', pipeline(zeroEnded(""), zeroEnded(sql), none)),
                frame('B', pipeline(zeroEnded(""), zeroEnded(""), none, none, none)),
                frame('E', pipeline(zeroEnded(""), new byte[4])));
    }

    private static byte[] zeroEnded(String text) {
        return (text + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] frame(char type, byte[] body) throws IOException {
        return pipeline(new byte[] {(byte) type}, RawClient.ints(4 + body.length), body);
    }

    @ParameterizedTest
    @CsvSource({
        "simple, pg_cancel_backend",
        "simple, pg_terminate_backend",
        "extended, pg_cancel_backend",
        "extended, pg_terminate_backend",
        "extendedCacheEverything, pg_cancel_backend"
    })
    void aStatementFailsForTheDriver(String mode, String function) throws SQLException {
        double before = proxy.metric(METRIC);
        try (Connection connection = proxy.connect(Map.of("preferQueryMode", mode));
                Statement statement = connection.createStatement()) {
            SQLException failure = failureOf(() -> statement.executeUpdate(insert), function);
            assertThat(failure.getSQLState()).as("%s", failure).isEqualTo("08007");
            assertThat(failure.getMessage())
                    .contains("was committed on this server")
                    .contains("The transaction has already committed locally");
            assertThat(connection.isValid(10)).isFalse();
        }
        assertCommittedHere();
        assertThat(proxy.metric(METRIC)).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "simple, pg_cancel_backend",
        "extended, pg_cancel_backend",
        "extended, pg_terminate_backend",
    })
    void aCommitFailsForTheDriver(String mode, String function) throws SQLException {
        double rollbacks = proxy.metric("pgpod_proxy_transactions_total{outcome=\"rollback\"}");
        try (Connection connection = proxy.connect(Map.of("preferQueryMode", mode));
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.executeUpdate(insert);
            SQLException failure = failureOf(connection::commit, function);
            assertThat(failure.getSQLState()).as("%s", failure).isEqualTo("08007");
            assertThat(connection.isValid(10)).isFalse();
        }
        assertCommittedHere();
        assertThat(proxy.metric("pgpod_proxy_transactions_total{outcome=\"rollback\"}"))
                .isEqualTo(rollbacks);
    }

    @Test
    void aBatchFailsForTheDriver() throws SQLException {
        try (Connection connection = proxy.connect();
                PreparedStatement statement = connection.prepareStatement("insert into written values (?)")) {
            for (int row = 0; row < 2; row++) {
                statement.setInt(1, -number);
                statement.addBatch();
            }
            SQLException failure = failureOf(statement::executeBatch, "pg_cancel_backend");
            assertThat(failure.getSQLState()).as("%s", failure).isEqualTo("08007");
        }
    }

    @Test
    void aCancelRequestOfTheClientItselfEndsTheSameWay() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            assertThatThrownBy(() -> statement.executeUpdate(insert))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            failure -> assertThat(failure.getSQLState()).isEqualTo("08007"));
        }
        assertCommittedHere();
    }

    @Test
    void psqlFailsAndShowsTheError() throws Exception {
        Path output = proxy.directory().resolve("psql-" + number);
        Process psql = new ProcessBuilder(
                        PostgresServer.PROGRAMS.resolve("psql").toString(),
                        proxy.libpq(""),
                        "-v",
                        "VERBOSITY=verbose",
                        "-c",
                        insert)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        endWaitBy("pg_cancel_backend");
        assertThat(psql.waitFor()).isNotZero();
        assertThat(Files.readString(output))
                .contains("FATAL:  08007: the transaction was committed on this server")
                .doesNotContain("INSERT 0 1")
                .doesNotContain("WARNING");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pg_cancel_backend", "pg_terminate_backend"})
    void inPlaceOfTheNoticeAndTheCompletionComesOneErrorAndTheEnd(String function) throws Exception {
        try (RawClient client = client()) {
            client.send(RawClient.query(insert));
            endWaitBy(function);
            List<Message> messages = readAll(client);
            assertThat(types(messages)).isEqualTo("E");
            Message error = messages.getFirst();
            assertThat(error.field('S')).isEqualTo("FATAL");
            assertThat(error.field('V')).isEqualTo("FATAL");
            assertThat(error.field('C')).isEqualTo("08007");
            assertThat(error.field('D')).contains("due to").contains("committed locally");
        }
        Await.until(
                "the session has ended at Postgres",
                () -> answer("select count(*) from pg_stat_activity where query = '" + insert + "'") == 0);
        assertCommittedHere();
    }

    @Test
    void anExplicitTransactionEndsBeforeTheCompletionOfItsCommit() throws Exception {
        try (RawClient client = client()) {
            client.send(RawClient.query("begin"));
            client.readUntil('Z');
            client.send(RawClient.query(insert));
            client.readUntil('Z');
            client.send(RawClient.query("commit"));
            endWaitBy("pg_cancel_backend");
            assertThat(types(readAll(client))).isEqualTo("E");
        }
        assertCommittedHere();
    }

    @Test
    void aPipelineIsAnsweredUpToTheCommitAndNotBeyond() throws Exception {
        try (RawClient client = client()) {
            byte[] sync = RawClient.message('S');
            client.send(pipeline(
                    extended("select 1"),
                    sync,
                    extended("begin"),
                    extended(insert),
                    extended("commit"),
                    extended("select 2"),
                    sync,
                    extended("select 3"),
                    sync));
            endWaitBy("pg_cancel_backend");
            assertThat(types(readAll(client))).isEqualTo("12DCZ" + "12C" + "12C" + "12" + "E");
        }
        assertCommittedHere();
    }

    // Postgres reports the statement complete before the Sync commits it: a driver must wait for ReadyForQuery, as it
    // must
    // for a deferred constraint.
    @Test
    void anImplicitTransactionOfTheExtendedProtocolNeverBecomesReady() throws Exception {
        try (RawClient client = client()) {
            byte[] sync = RawClient.message('S');
            client.send(pipeline(extended(insert), sync, extended("select 3"), sync));
            endWaitBy("pg_cancel_backend");
            List<Message> messages = readAll(client);
            assertThat(types(messages)).isEqualTo("12CE");
            assertThat(messages.getLast().field('C')).isEqualTo("08007");
        }
        assertCommittedHere();
    }

    @Test
    void aProcedureThatCommitsEndsWithItsContextInTheNotice() throws Exception {
        postgres.execute("set synchronous_commit = local; create procedure write_and_commit(n int) language plpgsql as"
                + " 'begin insert into written values (n); commit; perform pg_sleep(600); end'");
        try (RawClient client = client()) {
            client.send(RawClient.query("call write_and_commit(" + number + ")"));
            endWaitBy("pg_cancel_backend");
            assertThat(types(readAll(client))).isEqualTo("E");
        }
        assertCommittedHere();
    }

    @Test
    void ordinaryNoticesPass() throws Exception {
        double before = proxy.metric(METRIC);
        try (RawClient client = client()) {
            for (int length : new int[] {1, 500, 8_000, 9_000, 300_000}) {
                client.send(RawClient.query("do $$ begin for i in 1..20 loop raise warning '%', 'SyncRepWaitForLSN'"
                        + " || repeat('x', " + length + "); end loop; end $$"));
                List<Message> messages = client.readUntil('Z');
                assertThat(types(messages)).isEqualTo("N".repeat(20) + "CZ");
                assertThat(messages)
                        .filteredOn(message -> message.type() == 'N')
                        .allSatisfy(message -> assertThat(message.field('M')).hasSize(17 + length));
            }
        }
        assertThat(proxy.metric(METRIC)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "off"})
    void aSessionThatDoesNotWaitIsLeftAlone(String level) throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set synchronous_commit = " + level);
            assertThat(statement.executeUpdate(insert)).isEqualTo(1);
            assertThat(connection.isValid(10)).isTrue();
        }
        assertCommittedHere();
    }

    // The limit that the reference page names: Postgres then sends no notice, and the success looks like any other.
    @Test
    void aSessionThatHidesWarningsIsNotTold() throws Exception {
        try (RawClient client = client()) {
            client.send(RawClient.query("set client_min_messages = error"));
            client.readUntil('Z');
            client.send(RawClient.query(insert));
            endWaitBy("pg_cancel_backend");
            assertThat(types(client.readUntil('Z'))).isEqualTo("CZ");
        }
    }
}
