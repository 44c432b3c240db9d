package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;

/** A standby's proxy brings clients that want the primary to the primary's pod, through the port for peers. */
class ForwardingTest {
    private static final String THERE = "127.0.0.2";
    private static final String LEADER = THERE + ":5432";

    private final int primaryPort = PostgresServer.freePort();
    private PostgresServer postgresHere;
    private PostgresServer postgresThere;
    private ProxyFixture here;
    private ProxyFixture there;

    @BeforeEach
    void start() throws IOException {
        postgresHere = PostgresServer.with(Map.of("cluster_name", "here"));
        postgresThere = PostgresServer.with(Map.of("cluster_name", "there"));
        here = ProxyFixture.start(
                postgresHere, Map.of("primaryPort", Integer.toString(primaryPort), "clientTls", "allowed"));
        there = ProxyFixture.startBeside(here, postgresThere, THERE, Map.of("peerConnectionsMax", "1"));
        there.awaitAnswer(there.token().primary(1, Phase.OPEN, 50_000));
        here.awaitAnswer(here.token().standbyOf(LEADER));
    }

    @AfterEach
    void stop() {
        here.close();
        there.close();
        postgresHere.close();
        postgresThere.close();
    }

    private String libpq() {
        return here.libpq("").replace("port=" + here.port(), "port=" + primaryPort);
    }

    private String psql(String sql) {
        return Unprivileged.run(List.of(PostgresServer.PROGRAMS.resolve("psql").toString(), libpq(), "-qAtc", sql));
    }

    private static String clusterName(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show cluster_name")) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void thePrimaryPortLeadsToThePrimaryWhereverItIs() throws Exception {
        assertThat(psql("show cluster_name")).isEqualTo("there\n");
        assertThat(here.metric("pgpod_proxy_sessions_forwarded_total")).isEqualTo(1);
        assertThat(there.metric("pgpod_proxy_sessions_total{listener=\"peers\"}"))
                .isEqualTo(1);
        // The clients' port leads to the server of its own pod.
        try (Connection connection = here.connect()) {
            assertThat(clusterName(connection)).isEqualTo("here");
        }
        here.awaitAnswer(here.token().primary(2, Phase.OPEN, 50_000));
        assertThat(psql("show cluster_name")).isEqualTo("here\n");
        assertThat(here.metric("pgpod_proxy_sessions_forwarded_total")).isEqualTo(1);
    }

    @Test
    void forwardedClientsTakeNoPlacesOfPeers() throws Exception {
        try (Connection first = here.connectTo(primaryPort);
                Connection second = here.connectTo(primaryPort)) {
            assertThat(List.of(clusterName(first), clusterName(second))).containsOnly("there");
            assertThat(there.metric("pgpod_proxy_connections_open{listener=\"clients\"}"))
                    .isEqualTo(2);
            assertThat(there.metric("pgpod_proxy_connections_open{listener=\"peers\"}"))
                    .isZero();
        }
    }

    @Test
    void aConnectionThatWaitedThroughASwitchoverReachesTheNewPrimary() throws Exception {
        here.awaitAnswer(here.token().hold(1, 30_000));
        CompletableFuture<String> reached = CompletableFuture.supplyAsync(() -> {
            try (Connection connection = here.connect()) {
                return clusterName(connection);
            } catch (SQLException refused) {
                throw new IllegalStateException(refused);
            }
        });
        Await.until(
                "the connection is parked", () -> here.answer().orElseThrow().parked() == 1);
        here.token().standbyOf(LEADER);
        assertThat(reached.get(20, TimeUnit.SECONDS)).isEqualTo("there");
    }

    @Test
    void aForwardedSessionEndsWithTheTermOfItsPrimaryAndNotWithTheTokenHere() throws Exception {
        try (RawClient client = RawClient.connect(primaryPort).login()) {
            here.awaitAnswer(here.token().none());
            client.send(RawClient.query("select 1"));
            assertThat(client.readUntil('Z')).hasSize(4);
            assertThat(here.answer().orElseThrow().sessions()).isZero();
            // Severed there; here it stood between two statements, and is told that it is over.
            there.token().none();
            assertThat(client.readLastError().orElseThrow().field('C')).isEqualTo("57P01");
        }
        assertThat(there.metric("pgpod_proxy_sessions_fenced_total")).isEqualTo(1);
    }

    @Test
    void aCancelRequestFollowsTheSession() throws Exception {
        try (Connection client = here.connectTo(primaryPort);
                Statement statement = client.createStatement();
                Connection observer = postgresThere.connect()) {
            CompletableFuture<String> outcome = CompletableFuture.supplyAsync(() -> {
                try {
                    statement.execute("select pg_sleep(600)");
                    return "not cancelled";
                } catch (SQLException cancelled) {
                    return String.valueOf(cancelled.getSQLState());
                }
            });
            Await.until("the statement runs", () -> sleeping(observer) == 1);
            statement.cancel();
            assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("57014");
        }
    }

    private static int sleeping(Connection observer) throws SQLException {
        try (Statement statement = observer.createStatement();
                ResultSet row =
                        statement.executeQuery("select count(*) from pg_stat_activity where wait_event = 'PgSleep'")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void withoutAPrimaryTheClientIsToldSo() throws Exception {
        here.awaitAnswer(here.token().standby(Phase.OPEN));
        assertThatThrownBy(() -> psql("select 1")).hasMessageContaining("This pod knows of no primary at the moment.");
        here.awaitAnswer(here.token().standbyOf("127.0.0.3:5432"));
        assertThatThrownBy(() -> psql("select 1"))
                .hasMessageContaining("The pod of the primary, 127.0.0.3:5432, cannot be reached");
        // A pod that is not the primary any more sends nobody on: two of them could do so forever.
        there.awaitAnswer(there.token().standbyOf("127.0.0.1:5432"));
        here.awaitAnswer(here.token().standbyOf(LEADER));
        assertThatThrownBy(() -> psql("select 1"))
                .hasMessageContaining("The primary was looked for here, and it is not.");
    }
}
