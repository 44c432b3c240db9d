package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;

/** Where a client comes from is what a trusted load balancer says, and nobody else. */
class ArrivalsTest {
    private static final byte[] VERSION_2 = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    private static PostgresServer postgres;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Map<String, String> options(String from) {
        return Map.of(
                "clientTls",
                "allowed",
                "proxyProtocolFrom",
                from,
                "applicationNameAddsClient",
                "true",
                "loginTimeout",
                "20s");
    }

    private static byte[] text(String header) {
        return header.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] binary(int command, byte[] addresses) {
        return ByteBuffer.allocate(16 + addresses.length)
                .put(VERSION_2)
                .put((byte) (0x20 | command))
                .put((byte) 0x11)
                .putShort((short) addresses.length)
                .put(addresses)
                .array();
    }

    private static String applicationName(ProxyFixture proxy, byte[] header, int piece) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(header);
        bytes.writeBytes(RawClient.startup("user", "postgres", "application_name", "shop", "database", "postgres"));
        bytes.writeBytes(RawClient.query("select current_setting('application_name')"));
        try (RawClient client = RawClient.connect(proxy.port())) {
            byte[] all = bytes.toByteArray();
            for (int at = 0; at < all.length; at += piece) {
                client.send(java.util.Arrays.copyOfRange(all, at, Math.min(all.length, at + piece)));
            }
            client.readUntil('Z');
            Message row = client.readUntil('D').getLast();
            return row.body().substring(6);
        }
    }

    @Test
    void aTrustedLoadBalancerSaysWhereClientsComeFrom() throws IOException {
        byte[] addresses = {(byte) 203, 0, 113, 9, 10, 0, 0, 1, (byte) 0xc0, 0x00, 0x15, 0x38};
        try (ProxyFixture proxy = ProxyFixture.start(postgres, options("[10.0.0.0/8, 127.0.0.0/8]"))) {
            for (int piece : List.of(1, 7, 10_000)) {
                assertThat(applicationName(proxy, text("PROXY TCP4 203.0.113.7 10.0.0.1 51234 5432\r\n"), piece))
                        .isEqualTo("shop - 203.0.113.7:51234");
                assertThat(applicationName(proxy, text("PROXY TCP6 2001:db8::7 2001:db8::1 51234 5432\r\n"), piece))
                        .isEqualTo("shop - [2001:db8:0:0:0:0:0:7]:51234");
                assertThat(applicationName(proxy, binary(1, addresses), piece)).isEqualTo("shop - 203.0.113.9:49152");
                assertThat(applicationName(proxy, binary(0, addresses), piece)).startsWith("shop - 127.0.0.1:");
                assertThat(applicationName(proxy, text("PROXY UNKNOWN\r\n"), piece))
                        .startsWith("shop - 127.0.0.1:");
            }
        }
    }

    @Test
    void aLoadBalancerMustSaySomethingThatMakesSense() throws IOException {
        Map<String, String> options =
                Map.of("clientTls", "allowed", "proxyProtocolFrom", "127.0.0.1", "loginTimeout", "1500ms");
        try (ProxyFixture proxy = ProxyFixture.start(postgres, options);
                RawClient nothing = RawClient.connect(proxy.port());
                RawClient nonsense = RawClient.connect(proxy.port())) {
            nothing.send(RawClient.startup("user", "postgres", "database", "postgres"));
            nonsense.send(text("PROXY TCP4 somewhere 10.0.0.1 51234 5432\r\n"));
            assertThat(nonsense.readToEnd()).isEmpty();
            assertThat(proxy.metric("pgpod_proxy_refusals_total{reason=\"malformed\"}"))
                    .isEqualTo(1);
            assertThat(nothing.readToEnd()).isEmpty();
            assertThat(proxy.metric("pgpod_proxy_refusals_total{reason=\"login_timeout\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void nobodyElseIsBelieved() throws IOException {
        try (ProxyFixture proxy = ProxyFixture.start(postgres, options("10.0.0.0/8"))) {
            try (RawClient client = RawClient.connect(proxy.port())) {
                client.send(text("PROXY TCP4 203.0.113.7 10.0.0.1 51234 5432\r\n"));
                assertThat(client.readToEnd()).isEmpty();
            }
            assertThat(applicationName(proxy, new byte[0], 10_000)).startsWith("shop - 127.0.0.1:");
        }
    }

    @Test
    void aLongApplicationNameIsCutAndNotTheAddress() throws IOException {
        try (ProxyFixture proxy = ProxyFixture.start(postgres, options("10.0.0.0/8"));
                RawClient client = RawClient.connect(proxy.port())) {
            client.send(
                    RawClient.startup("user", "postgres", "application_name", "x".repeat(200), "database", "postgres"));
            String reported = client.readUntil('Z').stream()
                    .filter(message -> message.type() == 'S' && message.body().startsWith("application_name"))
                    .findFirst()
                    .orElseThrow()
                    .body();
            assertThat(reported).matches("application_name\0x{30,} - 127\\.0\\.0\\.1:\\d+\0");
        }
    }

    @Test
    void aSourceMayOpenSoManyConnectionsASecond() throws IOException {
        Map<String, String> options =
                Map.of("clientTls", "allowed", "proxyProtocolFrom", "127.0.0.1", "connectionRatePerSourceMax", "3");
        try (ProxyFixture proxy = ProxyFixture.start(postgres, options)) {
            List<Integer> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                answers.add(answer(proxy, "203.0.113.7"));
            }
            assertThat(answers.subList(0, 3)).containsOnly((int) 'R');
            assertThat(answers).contains(-1);
            assertThat(answer(proxy, "203.0.113.8")).isEqualTo('R');
            assertThat(proxy.metric("pgpod_proxy_refusals_total{reason=\"rate\"}"))
                    .isEqualTo((double)
                            answers.stream().filter(answer -> answer == -1).count());
        }
    }

    private static int answer(ProxyFixture proxy, String source) throws IOException {
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.send(text("PROXY TCP4 " + source + " 10.0.0.1 51234 5432\r\n"));
            client.send(RawClient.startup("user", "postgres", "database", "postgres"));
            return client.read();
        } catch (java.net.SocketException refused) {
            return -1;
        }
    }

    @Test
    void whatIsNoNetworkIsRefused() {
        for (String wrong : List.of("10.0.0.0/33", "load-balancer", "10.0.0.0/x")) {
            assertThatThrownBy(() -> ProxyFixture.prepare(postgres, Map.of("proxyProtocolFrom", wrong)))
                    .rootCause()
                    .hasMessageContaining("wireProxy.proxyProtocolFrom is '" + wrong + "'; it must be a list of");
        }
    }
}
