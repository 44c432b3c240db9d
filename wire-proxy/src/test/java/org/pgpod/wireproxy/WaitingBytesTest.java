package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.PoolFixture;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;

/** Clients together may not fill the proxy's memory with what waits, and parameters of their own leave nothing behind. */
class WaitingBytesTest {
    private static final int KIB = 1_024;

    private static final byte[] LONG_STARTUP =
            RawClient.startup("user", "postgres", "database", "postgres", "application_name", "x".repeat(9 * KIB));

    private static PoolFixture pool;

    @BeforeAll
    static void start() throws IOException {
        pool = PoolFixture.start(
                "transaction", Map.of("waitingBytesMax", "256KiB", "serverIdleTimeout", "1s", "poolSize", "2"));
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    private static byte[] beginningOfParse(int claimed, int sent) {
        return ByteBuffer.allocate(sent).put((byte) 'P').putInt(claimed).array();
    }

    @Test
    void longMessagesThatAreNotCompleteHaveALimitInCommon() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(pool.raw());
        }
        clients.get(0).send(beginningOfParse(4_000 * KIB, 150 * KIB));
        Await.until("it waits", () -> pool.proxy().metric("pgpod_proxy_waiting_bytes") == 150 * KIB);
        clients.get(1).send(beginningOfParse(4_000 * KIB, 150 * KIB));
        assertThat(clients.get(1).readLastError().orElseThrow().field('C')).isEqualTo("53200");
        clients.get(2).send(RawClient.query("select 1"));
        clients.get(2).readUntil('Z');
        clients.get(0).close();
        Await.until("nothing waits", () -> pool.proxy().metric("pgpod_proxy_waiting_bytes") == 0);
        clients.get(2).close();
    }

    @Test
    void whatAHoldKeepsBackCountsToo() throws Exception {
        try (PostgresServer postgres = PostgresServer.start();
                ProxyFixture proxy = ProxyFixture.start(
                        postgres, Map.of("clientTls", "allowed", "waitingBytesMax", "64KiB", "eventLoops", "1"))) {
            proxy.awaitAnswer(proxy.token().hold(1, 30_000));
            List<RawClient> clients = new ArrayList<>();
            for (int i = 1; i <= 7; i++) {
                clients.add(RawClient.connect(proxy.port()));
                clients.getLast().send(LONG_STARTUP);
                int waiting = i;
                Await.until(
                        "it waits",
                        () -> proxy.metric("pgpod_proxy_waiting_bytes") == (double) waiting * LONG_STARTUP.length);
            }
            try (RawClient tooMuch = RawClient.connect(proxy.port())) {
                tooMuch.send(LONG_STARTUP);
                assertThat(tooMuch.readLastError().orElseThrow().field('C')).isEqualTo("53200");
            }
            proxy.token().primary(1, Phase.OPEN, 55_000);
            for (RawClient client : clients) {
                client.readUntil('Z');
                client.close();
            }
            assertThat(proxy.metric("pgpod_proxy_waiting_bytes")).isZero();
            assertThat(proxy.metric("pgpod_proxy_refusals_total{reason=\"too_much_waits\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void keysAreForgottenWithTheirPools() throws Exception {
        for (int i = 1; i <= 5; i++) {
            try (Connection connection = pool.connect(Map.of("options", "-c work_mem=" + i + "MB"))) {
                assertThat(PoolFixture.value(connection, "show work_mem")).isEqualTo(i + "MB");
                assertThat(pool.proxy().metric("pgpod_proxy_pool_keys")).isPositive();
            }
        }
        Await.until("no keys are kept", () -> pool.proxy().metric("pgpod_proxy_pool_keys") == 0);
    }
}
