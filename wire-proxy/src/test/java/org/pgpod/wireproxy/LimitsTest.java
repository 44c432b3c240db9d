package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;

/** Nobody takes more than their share: of connections, of time before login, of memory. */
class LimitsTest {
    /** Kernel buffers on both legs, and what the proxy itself may hold. */
    private static final double UNREAD_BYTES_MAX = 32_000_000;

    private static PostgresServer postgres;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void connectionsBeyondTheLimitAreToldOrClosed() throws IOException {
        try (ProxyFixture proxy = ProxyFixture.start(
                postgres, Map.of("clientTls", "allowed", "clientConnectionsMax", "2", "loginTimeout", "20s"))) {
            List<RawClient> clients = new ArrayList<>();
            try {
                clients.add(RawClient.connect(proxy.port()).login());
                clients.add(RawClient.connect(proxy.port()).login());
                RawClient third = RawClient.connect(proxy.port());
                clients.add(third);
                third.send(RawClient.startup("user", "postgres"));
                Message error = third.readLastError().orElseThrow();
                assertThat(error.field('C')).isEqualTo("53300");
                assertThat(error.field('M')).isEqualTo("sorry, too many clients already");
                for (int i = 0; i < 32; i++) {
                    clients.add(RawClient.connect(proxy.port()));
                }
                Await.until(
                        "all are counted",
                        () -> proxy.metric("pgpod_proxy_connections_open{listener=\"clients\"}") == 34);
                try (RawClient beyond = RawClient.connect(proxy.port())) {
                    assertThat(beyond.readToEnd()).isEmpty();
                }
                clients.get(0).close();
                clients.get(1).close();
            } finally {
                for (RawClient client : clients) {
                    client.close();
                }
            }
            Await.until("all have left", () -> proxy.metric("pgpod_proxy_connections_open{listener=\"clients\"}") == 0);
            RawClient.connect(proxy.port()).login().close();
        }
    }

    @Test
    void whoDoesNotLogInInTimeIsClosed() throws Exception {
        postgres.execute("create role slow login password 'slow'");
        postgres.hba("local all slow scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 trust\n");
        postgres.reload();
        try (ProxyFixture proxy =
                        ProxyFixture.start(postgres, Map.of("clientTls", "allowed", "loginTimeout", "1500ms"));
                RawClient loggedIn = RawClient.connect(proxy.port()).login();
                RawClient silent = RawClient.connect(proxy.port());
                RawClient half = RawClient.connect(proxy.port());
                RawClient noHello = RawClient.connect(proxy.port());
                RawClient noPassword = RawClient.connect(proxy.port())) {
            half.send(Arrays.copyOf(RawClient.startup("user", "postgres"), 10));
            noHello.sendInts(8, RawClient.TLS_REQUEST);
            noPassword.send(RawClient.startup("user", "slow"));
            assertThat(silent.readToEnd()).isEmpty();
            assertThat(half.readToEnd()).isEmpty();
            assertThat(noHello.readToEnd()).containsExactly('S');
            assertThat(noPassword.readMessage().type()).isEqualTo('R');
            assertThat(noPassword.readToEnd()).isEmpty();
            assertThat(proxy.metric("pgpod_proxy_refusals_total{reason=\"login_timeout\"}"))
                    .isEqualTo(4);
            loggedIn.send(RawClient.query("select 1"));
            assertThat(loggedIn.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void bytesThatDripInDoNotProlongTheLogin() throws Exception {
        try (ProxyFixture proxy =
                        ProxyFixture.start(postgres, Map.of("clientTls", "allowed", "loginTimeout", "1500ms"));
                RawClient slow = RawClient.connect(proxy.port())) {
            byte[] packet = RawClient.startup("user", "x".repeat(5_000));
            long began = System.nanoTime();
            CompletableFuture<Void> dripping = CompletableFuture.runAsync(() -> drip(slow, packet));
            assertThat(slow.readToEnd()).isEmpty();
            assertThat(System.nanoTime() - began).isBetween(1_000_000_000L, 30_000_000_000L);
            dripping.get();
        }
    }

    private static void drip(RawClient client, byte[] packet) {
        try {
            for (byte one : packet) {
                client.send(new byte[] {one});
                // The attack itself: a byte now and then, for far longer than a login may take.
                Thread.sleep(20);
            }
        } catch (IOException closed) {
            // That is what is waited for.
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Each has asked for TLS and begun a record that it never ends. */
    @Test
    void aFloodOfHalfOpenHandshakesTakesLittleMemoryAndEnds() throws Exception {
        int flood = 150;
        try (ProxyFixture proxy = ProxyFixture.start(postgres, Map.of("loginTimeout", "4s"))) {
            List<RawClient> clients = new ArrayList<>();
            try {
                double before = proxy.metric("pgpod_proxy_buffer_bytes");
                for (int i = 0; i < flood; i++) {
                    RawClient client = RawClient.connect(proxy.port());
                    clients.add(client);
                    client.sendInts(8, RawClient.TLS_REQUEST);
                    assertThat(client.read()).isEqualTo('S');
                    client.send(new byte[] {0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, (byte) 0xfc});
                }
                double held = proxy.metric("pgpod_proxy_buffer_bytes") - before;
                assertThat(held).isLessThan(flood * 16_384.0);
                for (RawClient client : clients) {
                    client.readToEnd();
                }
            } finally {
                for (RawClient client : clients) {
                    client.close();
                }
            }
            Await.until("all have left", () -> proxy.metric("pgpod_proxy_connections_open{listener=\"clients\"}") == 0);
            try (Connection connection = proxy.connect()) {
                assertThat(connection.isValid(10)).isTrue();
            }
        }
    }

    @Test
    void aClientThatDoesNotReadStopsPostgresAndNotTheProxy() throws Exception {
        try (ProxyFixture proxy = ProxyFixture.start(postgres, Map.of("clientTls", "allowed"));
                RawClient slow = RawClient.connect(proxy.port()).login();
                RawClient other = RawClient.connect(proxy.port()).login()) {
            slow.send(RawClient.query("select repeat('x', 1000) from generate_series(1, 200000)"));
            double held = settled(() -> proxy.metric("pgpod_proxy_relayed_bytes_total{from=\"postgres\"}"));
            assertThat(held).isLessThan(UNREAD_BYTES_MAX);
            other.send(RawClient.query("select 1"));
            assertThat(other.readUntil('Z')).hasSize(4);
            assertThat(slow.readUntil('Z')).hasSize(200_003);
        }
    }

    @Test
    void aServerThatDoesNotReadStopsItsClient() throws Exception {
        try (ProxyFixture proxy = ProxyFixture.start(postgres, Map.of("clientTls", "allowed"));
                RawClient client = RawClient.connect(proxy.port()).login();
                Connection other = postgres.connect();
                Statement statement = other.createStatement()) {
            client.send(RawClient.query("select pg_sleep(600) /* busy */"));
            byte[] query = RawClient.query("select 1 /* " + "x".repeat(10_000) + " */");
            int count = 10_000;
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendOften(client, query, count));
            double held = settled(() -> proxy.metric("pgpod_proxy_relayed_bytes_total{from=\"client\"}"));
            assertThat(held).isLessThan(UNREAD_BYTES_MAX);
            assertThat(sending).isNotDone();
            cancelBusy(statement);
            for (int answers = 0; answers < count + 1; answers++) {
                client.readUntil('Z');
            }
            sending.get();
        }
    }

    private static void sendOften(RawClient client, byte[] query, int count) {
        try {
            ByteArrayOutputStream many = new ByteArrayOutputStream();
            for (int i = 0; i < 100; i++) {
                many.writeBytes(query);
            }
            for (int i = 0; i < count / 100; i++) {
                client.send(many.toByteArray());
            }
        } catch (IOException ended) {
            throw new IllegalStateException(ended);
        }
    }

    private static void cancelBusy(Statement statement) throws SQLException {
        statement.execute("select pg_cancel_backend(pid) from pg_stat_activity where query like '%/* busy */%'"
                + " and pid <> pg_backend_pid()");
    }

    /** The value once it has not changed for a second. */
    private static double settled(DoubleSupplier value) {
        double[] last = {-1};
        long[] since = {System.nanoTime()};
        Await.until("the value rests", () -> {
            double now = value.getAsDouble();
            if (now != last[0]) {
                last[0] = now;
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] > 1_000_000_000L;
        });
        return last[0];
    }
}
