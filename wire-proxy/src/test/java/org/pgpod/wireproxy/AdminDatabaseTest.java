package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgpod.wireproxy.testing.PoolFixture.execute;
import static org.pgpod.wireproxy.testing.PoolFixture.value;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.core.testing.Await;
import org.pgpod.wireproxy.testing.AdminFixture;
import org.pgpod.wireproxy.testing.PoolFixture;
import org.pgpod.wireproxy.testing.RawClient;

/** The admin database speaks PgBouncer's language about the pools of all event loops. */
class AdminDatabaseTest {
    private static AdminFixture pool;

    @BeforeAll
    static void start() throws IOException {
        pool = AdminFixture.start();
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    @AfterEach
    void disconnect() throws SQLException {
        pool.disconnect();
    }

    private static CompletableFuture<String> running(Connection connection, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return value(connection, sql);
                    } catch (SQLException failed) {
                        return String.valueOf(failed.getSQLState());
                    }
                },
                Thread::startVirtualThread);
    }

    private static void awaitPaused(String database) throws SQLException {
        Connection watcher = pool.console("watcher");
        Await.until(
                "it is paused",
                () -> "1"
                        .equals(AdminFixture.row(watcher, "show databases", "name", database)
                                .get("paused")));
    }

    private static CompletableFuture<String> ordered(Connection console, String command) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        execute(console, command);
                        return "done";
                    } catch (SQLException failed) {
                        return String.valueOf(failed.getMessage());
                    }
                },
                Thread::startVirtualThread);
    }

    /** The columns, with the types that are not text, as PgBouncer 1.18.0 showed them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POOLS | database user cl_active:23 cl_waiting:23 cl_active_cancel_req:23 cl_waiting_cancel_req:23 sv_active:23 sv_active_cancel:23 sv_being_canceled:23 sv_idle:23 sv_used:23 sv_tested:23 sv_login:23 maxwait:23 maxwait_us:23 pool_mode
            DATABASES | name host port:23 database force_user pool_size:23 min_pool_size:23 reserve_pool:23 pool_mode max_connections:23 current_connections:23 paused:23 disabled:23
            CLIENTS | type user database state addr port:23 local_addr local_port:23 connect_time request_time wait:23 wait_us:23 close_needed:23 ptr link remote_pid:23 tls application_name
            SERVERS | type user database state addr port:23 local_addr local_port:23 connect_time request_time wait:23 wait_us:23 close_needed:23 ptr link remote_pid:23 tls application_name
            STATS | database total_xact_count:1700 total_query_count:1700 total_received:1700 total_sent:1700 total_xact_time:1700 total_query_time:1700 total_wait_time:1700 avg_xact_count:1700 avg_query_count:1700 avg_recv:1700 avg_sent:1700 avg_xact_time:1700 avg_query_time:1700 avg_wait_time:1700
            STATS_TOTALS | database xact_count:1700 query_count:1700 bytes_received:1700 bytes_sent:1700 xact_time:1700 query_time:1700 wait_time:1700
            STATS_AVERAGES | database xact_count:1700 query_count:1700 bytes_received:1700 bytes_sent:1700 xact_time:1700 query_time:1700 wait_time:1700
            LISTS | list items:23
            CONFIG | key value default changeable
            USERS | name pool_mode
            VERSION | version
            """)
    void columnsAreThoseOfPgBouncer(String subject, String columns) throws SQLException {
        Connection console = pool.console("watcher");
        try (Statement statement = console.createStatement();
                ResultSet result = statement.executeQuery("show " + subject + ";")) {
            List<String> shown = new ArrayList<>();
            for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                String type = result.getMetaData().getColumnTypeName(i);
                String oid = Map.of("int4", ":23", "numeric", ":1700").getOrDefault(type, "");
                shown.add(result.getMetaData().getColumnName(i) + oid);
            }
            assertThat(String.join(" ", shown)).isEqualTo(columns);
        }
    }

    @Test
    void poolsOfAllEventLoopsAreOneLine() throws SQLException {
        List<Connection> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(pool.client("one"));
        }
        clients.get(0).setAutoCommit(false);
        value(clients.get(0), "select 1");
        Connection console = pool.console("watcher");
        Map<String, String> line = AdminFixture.row(console, "show pools", "database", "one");
        assertThat(line).containsEntry("user", "app").containsEntry("cl_active", "4");
        assertThat(line).containsEntry("sv_active", "1").containsEntry("cl_waiting", "0");
        assertThat(line).containsEntry("pool_mode", "transaction").containsEntry("maxwait", "0");
        assertThat(AdminFixture.rows(console, "show clients")).hasSizeGreaterThanOrEqualTo(4);
        Map<String, String> server = AdminFixture.row(console, "show servers", "state", "active");
        String pid = value(clients.get(0), "select pg_backend_pid()");
        assertThat(server).containsEntry("remote_pid", pid).containsEntry("addr", "unix");
        assertThat(AdminFixture.row(console, "show clients", "link", server.getOrDefault("ptr", "")))
                .containsEntry("database", "one")
                .containsEntry("ptr", server.get("link"))
                .containsEntry("application_name", "PostgreSQL JDBC Driver");
        assertThat(pool.proxy().metric("pgpod_proxy_pool_clients{database=\"one\",state=\"active\",user=\"app\"}"))
                .isEqualTo(4);
        assertThat(pool.proxy().metric("pgpod_proxy_pool_servers{database=\"one\",state=\"active\",user=\"app\"}"))
                .isEqualTo(1);
        clients.get(0).rollback();
    }

    @Test
    void whoWaitsIsShownWithTheWait() throws Exception {
        Connection console = pool.console("boss");
        Connection client = pool.client("two");
        execute(console, "pause two");
        CompletableFuture<String> answer = running(client, "select 7");
        Await.until("the client waits", () -> {
            Map<String, String> line = AdminFixture.row(console, "show pools", "database", "two");
            return "1".equals(line.get("cl_waiting")) && Integer.parseInt(line.get("maxwait_us")) > 0;
        });
        assertThat(pool.proxy().metric("pgpod_proxy_pool_wait_seconds_max{database=\"two\",user=\"app\"}"))
                .isPositive();
        assertThat(AdminFixture.row(console, "show databases", "name", "two")).containsEntry("paused", "1");
        execute(console, "resume two");
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("7");
        assertThat(AdminFixture.row(console, "show databases", "name", "two")).containsEntry("paused", "0");
    }

    @Test
    void statisticsCountTransactionsQueriesBytesAndTimes() throws SQLException {
        Connection console = pool.console("watcher");
        Connection client = pool.client("two");
        Map<String, String> before = AdminFixture.row(console, "show stats_totals", "database", "two");
        client.setAutoCommit(false);
        value(client, "select pg_sleep(0.05)");
        client.commit();
        client.setAutoCommit(true);
        value(client, "select repeat('x', 10000)");
        Map<String, String> after = AdminFixture.row(console, "show stats", "database", "two");
        assertThat(difference(before, after, "xact_count")).isEqualTo(2);
        assertThat(difference(before, after, "query_count")).isEqualTo(4);
        long queryMicros = Long.parseLong(after.get("total_query_time")) - Long.parseLong(before.get("query_time"));
        assertThat(queryMicros).isBetween(50_000L, 60_000_000L);
        long sent = Long.parseLong(after.get("total_sent")) - Long.parseLong(before.get("bytes_sent"));
        assertThat(sent).isBetween(10_000L, 20_000L);
    }

    private static long difference(Map<String, String> before, Map<String, String> after, String name) {
        return Long.parseLong(after.get("total_" + name)) - Long.parseLong(before.get(name));
    }

    @Test
    void aPauseEndsWhenTheLastTransactionDoes() throws Exception {
        Connection console = pool.console("boss");
        Connection inside = pool.client("two");
        inside.setAutoCommit(false);
        value(inside, "select 1");
        CompletableFuture<String> paused = ordered(console, "PAUSE two;");
        awaitPaused("two");
        CompletableFuture<String> later = running(pool.client("one"), "select 'another database'");
        assertThat(later.get(20, TimeUnit.SECONDS)).isEqualTo("another database");
        CompletableFuture<Connection> newcomer = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return pool.client("two");
                    } catch (SQLException failed) {
                        throw new IllegalStateException(failed);
                    }
                },
                Thread::startVirtualThread);
        assertThat(value(inside, "select 'still inside'")).isEqualTo("still inside");
        assertThat(paused).isNotDone();
        inside.commit();
        assertThat(paused.get(20, TimeUnit.SECONDS)).isEqualTo("done");
        Await.until("no backend is left", () -> {
            try (Connection direct = pool.postgres().connect()) {
                return value(direct, "select count(*) from pg_stat_activity where datname = 'two'")
                        .equals("0");
            }
        });
        assertThat(newcomer).isNotDone();
        execute(console, "RESUME two");
        assertThat(value(inside, "select 2")).isEqualTo("2");
        assertThat(value(newcomer.get(20, TimeUnit.SECONDS), "select 3")).isEqualTo("3");
    }

    @Test
    void aPauseWhoseUserLeavesIsTakenBack() throws Exception {
        Connection inside = pool.client("two");
        inside.setAutoCommit(false);
        value(inside, "select 1");
        try (RawClient console = RawClient.connect(pool.proxy().port())) {
            console.loginTo("pgbouncer", "boss", "p");
            console.send(RawClient.query("pause two"));
            awaitPaused("two");
        }
        assertThat(running(pool.client("two"), "select 'served'").get(20, TimeUnit.SECONDS))
                .isEqualTo("served");
        inside.rollback();
    }

    @Test
    void everythingCanBePausedAndResumed() throws Exception {
        Connection console = pool.console("boss");
        Connection client = pool.client("one");
        execute(console, "pause");
        assertThatThrownBy(() -> execute(console, "pause")).hasMessageContaining("already suspended/paused");
        CompletableFuture<String> answer = running(client, "select 1");
        assertThatThrownBy(() -> execute(console, "resume one")).hasMessageContaining("is not paused");
        execute(console, "resume");
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("1");
        assertThatThrownBy(() -> execute(console, "resume")).hasMessageContaining("pooler is not paused/suspended");
    }

    @Test
    void reconnectReplacesServerConnections() throws SQLException {
        Connection client = pool.client("one");
        String before = value(client, "select pg_backend_pid()");
        execute(pool.console("boss"), "reconnect one");
        assertThat(value(client, "select pg_backend_pid()")).isNotEqualTo(before);
    }

    @Test
    void killEndsClientsAndPauses() throws Exception {
        Connection console = pool.console("boss");
        Connection idle = pool.client("two");
        Connection busy = pool.client("two");
        CompletableFuture<String> work = running(busy, "select pg_sleep(30)");
        Await.until(
                "it works",
                () -> "1"
                        .equals(AdminFixture.row(console, "show pools", "database", "two")
                                .get("sv_active")));
        execute(console, "kill two");
        assertThat(work.get(20, TimeUnit.SECONDS)).isEqualTo("57P01");
        assertThatThrownBy(() -> value(idle, "select 1"))
                .extracting(error -> ((SQLException) error).getSQLState())
                .isIn("57P01", "08006");
        execute(console, "resume two");
        assertThat(value(pool.client("two"), "select 5")).isEqualTo("5");
    }

    @Test
    void aDisabledDatabaseLetsNobodyInAndKeepsWhoIsThere() throws SQLException {
        Connection console = pool.console("boss");
        Connection there = pool.client("two");
        execute(console, "disable two");
        assertThatThrownBy(() -> pool.client("two")).hasMessageContaining("not currently accepting connections");
        assertThat(value(there, "select 1")).isEqualTo("1");
        assertThat(AdminFixture.row(console, "show databases", "name", "two")).containsEntry("disabled", "1");
        execute(console, "enable two");
        assertThat(value(pool.client("two"), "select 1")).isEqualTo("1");
    }

    @Test
    void namesInQuotesAreTakenAsTheyAre() throws SQLException {
        Connection console = pool.console("boss");
        execute(console, "pause \"A b\"");
        assertThat(AdminFixture.row(console, "show databases", "name", "A b")).containsEntry("paused", "1");
        execute(console, "resume \"A b\"");
    }

    @Test
    void whoMayDoWhat() throws SQLException {
        assertThatThrownBy(() -> pool.console(PoolFixture.ROLE)).hasMessageContaining("not allowed");
        assertThatThrownBy(() -> pool.console("expired")).hasMessageContaining("password authentication failed");
        assertThatThrownBy(() -> pool.to("pgbouncer", "boss", Map.of("password", "wrong")))
                .hasMessageContaining("password authentication failed");
        for (String command : List.of("pause", "resume", "reconnect", "reload", "kill two", "disable two")) {
            assertThatThrownBy(() -> execute(pool.console("watcher"), command))
                    .hasMessageContaining("admin access needed");
        }
        execute(pool.console("boss"), "reload");
    }

    @Test
    void clientsOfADatabaseAndOfARoleAreCapped() throws SQLException {
        for (int i = 0; i < 6; i++) {
            pool.client("one");
        }
        assertThatThrownBy(() -> pool.client("one"))
                .hasMessageContaining("too many connections for database \"one\"")
                .extracting(error -> ((SQLException) error).getSQLState())
                .isEqualTo("53300");
        pool.disconnectFirst();
        Await.until("the place is free", () -> {
            try {
                return value(pool.client("one"), "select 1").equals("1");
            } catch (SQLException refused) {
                return false;
            }
        });
    }

    @Test
    void psqlAsksAndOrders() {
        assertThat(pool.psql("boss", "show version", "pause one", "resume one", "show users"))
                .contains("PgBouncer 1.18.0", "PAUSE", "RESUME", "app|");
        Map<String, String> config = new HashMap<>();
        pool.psql("watcher", "show config")
                .lines()
                .map(line -> line.split("\\|", -1))
                .forEach(line -> config.put(line[0], line[1]));
        assertThat(config)
                .containsEntry("default_pool_size", "4")
                .containsEntry("max_client_conn", "1000")
                .containsEntry("pool_mode", "transaction");
    }

    @Test
    void whatIsNotACommandIsAnErrorAndTheConsoleGoesOn() throws Exception {
        try (RawClient console = RawClient.connect(pool.proxy().port())) {
            console.loginTo("pgbouncer", "boss", "p");
            for (String nonsense : List.of("select 1", "", "show", "show mem", "pause one two", "shutdown")) {
                console.send(RawClient.query(nonsense));
                List<RawClient.Message> answer = console.readUntil('Z');
                assertThat(answer.getFirst().field('C')).isEqualTo("08P01");
                assertThat(answer.getFirst().field('M'))
                        .isEqualTo("invalid command '" + nonsense + "', use SHOW HELP;");
            }
            console.send(RawClient.query("set a = 1"));
            assertThat(console.readUntil('Z').getFirst().field('M')).isEqualTo("SET failed");
            console.send(RawClient.query("kill"));
            assertThat(console.readUntil('Z').getFirst().field('M')).isEqualTo("a database is required");
            console.send(RawClient.query("pause pgbouncer"));
            assertThat(console.readUntil('Z').getFirst().field('M')).isEqualTo("cannot pause admin db: pgbouncer");
            console.send(RawClient.message('P', "", "show pools", "\0"));
            console.send(RawClient.message('B', "", "", "\0\0\0\0\0"));
            console.send(RawClient.message('S'));
            List<RawClient.Message> refused = console.readUntil('Z');
            assertThat(refused).hasSize(2);
            assertThat(refused.getFirst().field('M'))
                    .isEqualTo("extended query protocol not supported by admin console");
            console.send(RawClient.query("show help"));
            assertThat(console.readUntil('Z').getFirst().field('D')).contains("SHOW HELP|POOLS", "PAUSE [<db>]");
            console.send(RawClient.query("x".repeat(9_000)));
            assertThat(console.readLastError().orElseThrow().field('M')).isEqualTo("bad packet");
        }
    }
}
