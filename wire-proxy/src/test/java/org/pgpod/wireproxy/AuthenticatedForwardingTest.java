package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.PoolFixture;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.VerifierSource;

/**
 * Clients whom a standby's proxy has authenticated get to the primary of another pod, where the proxy logs in with their
 * keys. As on a real standby, both servers hold the same verifier.
 */
class AuthenticatedForwardingTest {
    private static final String THERE = "127.0.0.2";
    private static final String LEADER = THERE + ":5432";

    private final int primaryPort = PostgresServer.freePort();
    private PostgresServer postgresThere;
    private PoolFixture here;
    private ProxyFixture there;

    @BeforeEach
    void start() throws Exception {
        here = PoolFixture.start(
                PostgresServer.with(Map.of("cluster_name", "here")),
                "transaction",
                Map.of("primaryPort", Integer.toString(primaryPort)));
        postgresThere = PostgresServer.with(Map.of("cluster_name", "there"));
        VerifierSource.prepare(postgresThere);
        try (Connection connection = here.postgres().connect()) {
            String verifier = PoolFixture.value(connection, "select rolpassword from pg_authid where rolname = 'app'");
            postgresThere.execute("create role app login password '" + verifier + "'");
        }
        there = ProxyFixture.startBeside(here.proxy(), postgresThere, THERE, Map.of());
        there.awaitAnswer(there.token().primary(1, Phase.OPEN, 50_000));
        here.proxy().awaitAnswer(here.proxy().token().standbyOf(LEADER));
    }

    @AfterEach
    void stop() {
        here.close();
        there.close();
        postgresThere.close();
    }

    private String reached(Connection connection) throws SQLException {
        return PoolFixture.value(connection, "select session_user || '@' || current_setting('cluster_name')");
    }

    @Test
    void thePrimaryPortLogsInThereWithTheClientsKey() throws SQLException {
        Map<String, String> right = Map.of("user", "app", "password", "p", "channelBinding", "require");
        try (Connection connection = here.proxy().connectTo(primaryPort, right)) {
            assertThat(reached(connection)).isEqualTo("app@there");
        }
        assertThatThrownBy(() -> here.proxy().connectTo(primaryPort, Map.of("user", "app", "password", "wrong")))
                .hasMessageContaining("password authentication failed");
        postgresThere.execute("alter role app nologin");
        assertThatThrownBy(() -> here.proxy().connectTo(primaryPort, right))
                .hasMessageContaining("is not permitted to log in");
    }

    @Test
    void aPooledClientThatWaitedThroughASwitchoverReachesTheNewPrimary() throws Exception {
        here.proxy().awaitAnswer(here.proxy().token().hold(1, 30_000));
        CompletableFuture<String> reached = CompletableFuture.supplyAsync(() -> {
            try (Connection connection = here.connect()) {
                return reached(connection);
            } catch (SQLException refused) {
                throw new IllegalStateException(refused);
            }
        });
        Await.until(
                "the connection is parked",
                () -> here.proxy().answer().orElseThrow().parked() == 1);
        here.proxy().token().standbyOf(LEADER);
        assertThat(reached.get(20, TimeUnit.SECONDS)).isEqualTo("app@there");
        assertThat(here.proxy().metric("pgpod_proxy_sessions_forwarded_total")).isEqualTo(1);
    }

    @Test
    void aPooledClientOfTheStandbyStaysHere() throws SQLException, IOException {
        try (Connection connection = here.connect()) {
            assertThat(reached(connection)).isEqualTo("app@here");
        }
    }
}
