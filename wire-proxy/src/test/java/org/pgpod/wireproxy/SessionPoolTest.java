package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgpod.wireproxy.testing.PoolFixture.execute;
import static org.pgpod.wireproxy.testing.PoolFixture.value;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.PoolFixture;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;

/** A client keeps its server connection until it leaves, and the next one finds it as new. */
class SessionPoolTest {
    private static PoolFixture pool;

    @BeforeAll
    static void start() throws IOException {
        pool = PoolFixture.start(
                "session",
                Map.of(
                        "poolSize",
                        "1",
                        "poolConnectionsPerUser",
                        "1",
                        "queryWaitTimeout",
                        "1500ms",
                        "queryWaitNotify",
                        "300ms"));
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    @Test
    void theNextClientFindsTheConnectionAsNew() throws SQLException {
        String pid;
        try (Connection one = pool.connect(Map.of("prepareThreshold", "1"))) {
            execute(one, "set statement_timeout = '77s'");
            execute(one, "create temp table mine (n int)");
            execute(one, "listen news");
            value(one, "select pg_advisory_lock(4711)::text");
            assertThat(value(one, "show statement_timeout")).isEqualTo("77s");
            pid = value(one, "select pg_backend_pid()");
        }
        try (Connection two = pool.connect(Map.of("prepareThreshold", "1"))) {
            assertThat(value(two, "show statement_timeout")).isEqualTo("0");
            assertThat(value(two, "select count(*) from pg_listening_channels()"))
                    .isEqualTo("0");
            assertThat(value(two, "select count(*) from pg_locks where locktype = 'advisory'"))
                    .isEqualTo("0");
            assertThat(value(two, "select count(*) from pg_prepared_statements where statement like 'cre' || 'ate%'"))
                    .isEqualTo("0");
            assertThat(value(two, "select pg_backend_pid()")).isEqualTo(pid);
        }
    }

    @Test
    void whoWaitsTooLongIsToldAndRefused() throws Exception {
        try (Connection one = pool.connect();
                RawClient two = pool.raw()) {
            value(one, "select 1");
            two.send(RawClient.query("select 1"));
            assertThat(two.readMessage().type()).isEqualTo('N');
            assertThat(two.readLastError().orElseThrow().field('M')).isEqualTo("query_wait_timeout");
        }
    }

    @Test
    void whoWaitsIsServedWhenTheOtherLeaves() throws Exception {
        try (RawClient two = pool.raw()) {
            try (Connection one = pool.connect()) {
                value(one, "select 1");
                two.send(RawClient.query("select 1"));
                assertThat(two.readMessage().type()).isEqualTo('N');
            }
            assertThat(two.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void aServerConnectionThatIsKilledEndsItsSession() throws SQLException {
        try (Connection one = pool.connect()) {
            String pid = value(one, "select pg_backend_pid()");
            pool.postgres().execute("select pg_terminate_backend(" + pid + ")");
            Await.until("the session ends", () -> {
                try {
                    value(one, "select 1");
                    return false;
                } catch (SQLException ended) {
                    return ended.getSQLState().equals("57P01")
                            || ended.getSQLState().startsWith("08");
                }
            });
        }
        try (Connection next = pool.connect()) {
            assertThat(value(next, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void poolingNeedsAuthenticationAtTheProxy() {
        PostgresServer postgres = pool.postgres();
        try (ProxyFixture relaying = ProxyFixture.prepare(postgres, Map.of("pooling", "session"))) {
            assertThatThrownBy(() -> relaying.sidecar().start())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("wireProxy.pooling is 'session'")
                    .hasMessageContaining("clientAuthentication 'scram'");
        }
    }
}
