package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgpod.wireproxy.testing.PoolFixture.value;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.AgentStub;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.VerifierSource;

/** A primary and two standbys of a real cluster: clients of the standbys' port read at one that is fit. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandbyPortTest {
    private static final String HBA = """
            local all all scram-sha-256
            host all postgres 127.0.0.1/32 trust
            host replication all 127.0.0.1/32 trust
            """;

    private static final int STANDBY_PORT = PostgresServer.freePort();
    private static final int FALLBACK_PORT = PostgresServer.freePort();
    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static final List<Connection> CONNECTIONS = new ArrayList<>();
    private static PostgresServer primary;
    private static Map<String, PostgresServer> standbys;
    private static Map<String, AgentStub> agents;
    private static ProxyFixture here;
    private static ProxyFixture there;
    private static ProxyFixture third;

    @BeforeAll
    static void start() throws Exception {
        primary = opened(PostgresServer.with(Map.of("cluster_name", "test-0")));
        standbys = Map.of("test-1", streaming("test-1"), "test-2", streaming("test-2"));
        VerifierSource.prepare(primary);
        primary.execute("set password_encryption = 'scram-sha-256'; create role app superuser login password 'p'");
        for (PostgresServer server : List.of(primary, standby("test-1"), standby("test-2"))) {
            server.hba(HBA);
            server.reload();
        }
        agents = Map.of(
                "test-0", opened(new AgentStub("test-0", "127.0.0.1", primary)),
                "test-1", opened(new AgentStub("test-1", "127.0.0.2", standby("test-1"))),
                "test-2", opened(new AgentStub("test-2", "127.0.0.3", standby("test-2"))));
        agents.values().forEach(agent -> agent.start(List.copyOf(agents.values())));
        here = opened(ProxyFixture.start(primary, options(STANDBY_PORT, Map.of())));
        there = opened(ProxyFixture.startBeside(here, standby("test-1"), "127.0.0.2", Map.of()));
        third = opened(ProxyFixture.startBeside(here, standby("test-2"), "127.0.0.3", Map.of()));
        here.awaitAnswer(here.token().primary(1, Phase.OPEN, 55_000));
        await("test-1", 1);
        await("test-2", 1);
    }

    private static Map<String, String> options(int port, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(Map.of(
                "clientAuthentication",
                "scram",
                "standbyPort",
                Integer.toString(port),
                "standbyLagMax",
                "1MiB",
                "agentUrl",
                agent("test-0").url()));
        all.putAll(more);
        return all;
    }

    private static PostgresServer standby(String name) {
        return Objects.requireNonNull(standbys.get(name));
    }

    private static AgentStub agent(String name) {
        return Objects.requireNonNull(agents.get(name));
    }

    private static PostgresServer streaming(String name) {
        return opened(PostgresServer.standbyOf(primary, Map.of("cluster_name", name)));
    }

    private static <T extends AutoCloseable> T opened(T resource) {
        OPEN.addFirst(resource);
        return resource;
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable resource : OPEN) {
            resource.close();
        }
    }

    @AfterEach
    void disconnect() throws SQLException {
        while (!CONNECTIONS.isEmpty()) {
            CONNECTIONS.removeFirst().close();
        }
        Await.until("nobody reads", () -> here.metric("pgpod_proxy_sessions_active{listener=\"standbys\"}") == 0);
    }

    private static void await(String standby, int fit) {
        Await.until(
                standby + " is seen",
                () -> here.metric("pgpod_proxy_standby_fit{standby=\"" + standby + "\"}") == fit
                        && here.metric("pgpod_proxy_standby_lag_bytes{standby=\"" + standby + "\"}") >= 0);
    }

    private static Connection read() throws SQLException {
        Connection connection =
                here.connectTo(STANDBY_PORT, Map.of("user", "app", "password", "p", "channelBinding", "require"));
        CONNECTIONS.add(connection);
        return connection;
    }

    private static String server(Connection connection) throws SQLException {
        return value(connection, "show cluster_name");
    }

    /** Two connections, by the name of the standby that serves them. */
    private static Map<String, Connection> oneEach() throws SQLException {
        Connection first = read();
        Connection second = read();
        Map<String, Connection> each = Map.of(server(first), first, server(second), second);
        assertThat(each).containsOnlyKeys("test-1", "test-2");
        return each;
    }

    private static void writeTwoMegabytes() {
        primary.execute("create table if not exists filler (t text)");
        primary.execute("insert into filler select repeat(md5(n::text), 32) from generate_series(1, 2500) n");
    }

    @Test
    @Order(1)
    void sessionsAreSpreadOverTheStandbysAndLeaveOneThatLags() throws Exception {
        Map<String, Connection> each = oneEach();
        assertThat(here.metric("pgpod_proxy_standby_sessions{standby=\"test-1\"}"))
                .isEqualTo(1);
        Connection resting = Objects.requireNonNull(each.get("test-1"));
        standby("test-1").execute("select pg_wal_replay_pause()");
        Connection inside = read();
        Connection other = read();
        Connection working = server(inside).equals("test-1") ? inside : other;
        working.setAutoCommit(false);
        assertThat(server(working)).isEqualTo("test-1");
        writeTwoMegabytes();
        await("test-1", 0);
        assertThat(here.metric("pgpod_proxy_standby_lag_bytes{standby=\"test-1\"}"))
                .isGreaterThan(1 << 20);
        Await.until(
                "the session at rest has left",
                () -> here.metric("pgpod_proxy_standby_sessions{standby=\"test-1\"}") == 1);
        assertThatThrownBy(() -> server(resting))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        ended -> assertThat(ended.getSQLState()).isEqualTo("57P01"));
        // What is in a transaction goes on to its end.
        assertThat(server(working)).isEqualTo("test-1");
        working.commit();
        assertThatThrownBy(() -> server(working)).isInstanceOf(SQLException.class);
        for (int i = 0; i < 3; i++) {
            assertThat(server(read())).isEqualTo("test-2");
        }
        standby("test-1").execute("select pg_wal_replay_resume()");
        await("test-1", 1);
        assertThat(server(read())).isEqualTo("test-1");
    }

    @Test
    @Order(1)
    void withoutAFitStandbyClientsAreRefusedOrBroughtToThePrimary() throws Exception {
        agent("test-1").tag("{\"noloadbalance\":\"true\"}");
        agent("test-2").tag("{\"noloadbalance\":\"true\"}");
        await("test-1", 0);
        await("test-2", 0);
        assertThatThrownBy(StandbyPortTest::read)
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refused -> assertThat(refused.getSQLState()).isEqualTo("57P03"))
                .hasMessageContaining("No standby of the cluster is fit");
        ProxyFixture lenient = opened(ProxyFixture.startBeside(
                here,
                standby("test-2"),
                "127.0.0.4",
                options(FALLBACK_PORT, Map.of("standbyFallback", "primary", "clientTls", "allowed"))));
        lenient.awaitAnswer(lenient.token().standbyOf("127.0.0.1:5432"));
        try (Connection fallen = lenient.connectAt("127.0.0.4", FALLBACK_PORT)) {
            assertThat(server(fallen)).isEqualTo("test-0");
        }
        assertThat(lenient.metric("pgpod_proxy_standby_fallbacks_total")).isEqualTo(1);
        agents.values().forEach(agent -> agent.tag("{}"));
        await("test-1", 1);
        await("test-2", 1);
    }

    @Test
    @Order(2)
    void aStandbyThatCannotBeReachedIsPassedOver() throws Exception {
        there.close();
        OPEN.remove(there);
        for (int i = 0; i < 3; i++) {
            assertThat(server(read())).isEqualTo("test-2");
        }
    }

    @Test
    @Order(1)
    void aCancelRequestReachesTheStandbyOfItsSession() throws Exception {
        try (Connection client = read();
                var statement = client.createStatement()) {
            PostgresServer at = standby(server(client));
            CompletableFuture<String> outcome = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return String.valueOf(statement.execute("select pg_sleep(600)"));
                        } catch (SQLException cancelled) {
                            return String.valueOf(cancelled.getSQLState());
                        }
                    },
                    Thread::startVirtualThread);
            Await.until("the statement runs", () -> sleeping(at) == 1);
            statement.cancel();
            assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("57014");
        }
    }

    @Test
    @Order(3)
    void aPromotedStandbyIsLeftAtTheEndOfTheTransaction() throws Exception {
        Connection working = read();
        working.setAutoCommit(false);
        assertThat(server(working)).isEqualTo("test-2");
        // The clients' port and the agent of the old primary are of no interest here.
        third.awaitAnswer(third.token().primary(2, Phase.OPEN, 55_000));
        standby("test-2").execute("select pg_promote()");
        assertThat(server(working)).isEqualTo("test-2");
        working.commit();
        assertThatThrownBy(() -> server(working))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        ended -> assertThat(ended.getSQLState()).isEqualTo("57P01"));
    }

    private static int sleeping(PostgresServer server) throws SQLException, IOException {
        try (Connection observer = server.connect()) {
            return Integer.parseInt(
                    value(observer, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"));
        }
    }
}
