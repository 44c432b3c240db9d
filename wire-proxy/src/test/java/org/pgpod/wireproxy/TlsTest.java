package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.sql.SQLException;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.TlsClient;

class TlsTest {
    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
        proxy = ProxyFixture.start(postgres, Map.of());
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    private static RawClient overTls(RawClient client, String... protocolNames) throws IOException {
        return RawClient.over(
                TlsClient.handshake(client.socket(), proxy.certificates().authorityCertificate(), protocolNames));
    }

    @Test
    void tlsIsRequiredUnlessConfiguredOtherwise() throws IOException {
        assertThatThrownBy(() -> proxy.connect(Map.of("sslmode", "disable")))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("28000"));
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.send(RawClient.startup("user", "postgres"));
            assertThat(client.readLastError().orElseThrow().field('H')).contains("sslmode=require");
        }
    }

    @Test
    void encryptionMayBeAskedForInEitherOrder() throws IOException {
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.sendInts(8, RawClient.GSS_REQUEST);
            assertThat(client.read()).isEqualTo('N');
            client.sendInts(8, RawClient.TLS_REQUEST);
            assertThat(client.read()).isEqualTo('S');
            overTls(client).login();
        }
        try (ProxyFixture plain = ProxyFixture.start(postgres, Map.of("clientTls", "disabled"));
                RawClient client = RawClient.connect(plain.port())) {
            client.sendInts(8, RawClient.TLS_REQUEST);
            assertThat(client.read()).isEqualTo('N');
            client.sendInts(8, RawClient.GSS_REQUEST);
            assertThat(client.read()).isEqualTo('N');
            client.login();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {RawClient.TLS_REQUEST, RawClient.GSS_REQUEST})
    void encryptionCannotBeAskedForInsideTls(int request) throws IOException {
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.sendInts(8, RawClient.TLS_REQUEST);
            assertThat(client.read()).isEqualTo('S');
            RawClient tls = overTls(client);
            tls.sendInts(8, request);
            assertThat(tls.readLastError().orElseThrow().field('C')).isEqualTo("0A000");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {RawClient.TLS_REQUEST, RawClient.GSS_REQUEST})
    void bytesBehindARequestForEncryptionAreRefused(int request) throws IOException {
        double sessions = proxy.metric("pgpod_proxy_sessions_total{listener=\"clients\"}");
        double refused = proxy.metric("pgpod_proxy_refusals_total{reason=\"unencrypted_bytes\"}");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(RawClient.ints(8, request));
        bytes.writeBytes(RawClient.startup("user", "postgres"));
        bytes.writeBytes(RawClient.query("select 'smuggled'"));
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.send(bytes.toByteArray());
            assertThat(client.readToEnd()).isEmpty();
        }
        assertThat(proxy.metric("pgpod_proxy_refusals_total{reason=\"unencrypted_bytes\"}"))
                .isEqualTo(refused + 1);
        assertThat(proxy.metric("pgpod_proxy_sessions_total{listener=\"clients\"}"))
                .isEqualTo(sessions);
    }

    @Test
    void bytesBetweenTheAnswerAndTheHandshakeAreRefused() throws IOException {
        double sessions = proxy.metric("pgpod_proxy_sessions_total{listener=\"clients\"}");
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.sendInts(8, RawClient.TLS_REQUEST);
            assertThat(client.read()).isEqualTo('S');
            client.send(RawClient.startup("user", "postgres"));
            assertThat(client.readToEnd()).doesNotContain('R');
        }
        assertThat(proxy.metric("pgpod_proxy_sessions_total{listener=\"clients\"}"))
                .isEqualTo(sessions);
        Await.until(
                "the failed handshake is counted",
                () -> proxy.metric("pgpod_proxy_tls_handshakes_total{result=\"failed\"}") >= 1);
    }

    @Test
    void directTlsNeedsTheProtocolName() throws IOException {
        try (RawClient client = RawClient.connect(proxy.port())) {
            overTls(client, "postgresql").login();
        }
        try (RawClient client = RawClient.connect(proxy.port())) {
            RawClient nameless = overTls(client);
            assertThat(nameless.readToEnd()).isEmpty();
        }
        try (RawClient client = RawClient.connect(proxy.port())) {
            RawClient otherwise = overTls(client, "http/1.1");
            assertThat(otherwise.readToEnd()).isEmpty();
        }
    }

    @Test
    void aRenewedCertificateIsUsedAndOpenSessionsGoOn() throws Exception {
        try (RawClient client = RawClient.connect(proxy.port())) {
            RawClient open = overTls(client, "postgresql").login();
            String before = serial();
            proxy.issueServerCertificate();
            Await.until("the new certificate is shown", () -> !serial().equals(before));
            open.send(RawClient.query("select 1"));
            assertThat(open.readUntil('Z')).hasSize(4);
        }
        assertThat(proxy.metric("pgpod_proxy_certificate_expiry_seconds{listener=\"clients\"}"))
                .isGreaterThan(1_700_000_000);
    }

    @Test
    void anUnusableCertificateLeavesTheLastGoodOneInUse() throws Exception {
        String before = serial();
        java.nio.file.Path broken =
                Files.createDirectory(proxy.clientCertificate().resolve("..broken"));
        Files.writeString(broken.resolve("tls.crt"), "nothing");
        Files.writeString(broken.resolve("tls.key"), "nothing");
        org.pgpod.core.testing.TestCertificates.publish(proxy.clientCertificate(), broken);
        Await.until("the problem is shown", () -> proxy.admin("/readyz").body().contains("certificate:"));
        assertThat(serial()).isEqualTo(before);
        proxy.issueServerCertificate();
        Await.until("the repaired certificate is used", () -> !serial().equals(before));
    }

    private static String serial() throws IOException {
        try (RawClient client = RawClient.connect(proxy.port());
                SSLSocket tls = TlsClient.handshake(
                        client.socket(), proxy.certificates().authorityCertificate(), "postgresql")) {
            X509Certificate certificate = (X509Certificate) tls.getSession().getPeerCertificates()[0];
            return certificate.getSerialNumber().toString();
        }
    }

    @Test
    void aMissingCertificateIsOneClearSentence() throws IOException {
        try (ProxyFixture unstarted = ProxyFixture.prepare(postgres, Map.of())) {
            Files.delete(unstarted.clientCertificate().resolve("..data"));
            Files.delete(unstarted.clientCertificate().resolve("tls.crt"));
            assertThatThrownBy(() -> unstarted.sidecar().start())
                    .isInstanceOf(IOException.class)
                    .hasMessage("the certificate file "
                            + unstarted.clientCertificate().resolve("tls.crt") + " is missing");
        }
    }

    @Test
    void anOccupiedPortIsOneClearSentence() throws IOException {
        try (ProxyFixture unstarted = ProxyFixture.prepare(postgres, Map.of());
                ServerSocket occupant = new ServerSocket(unstarted.port(), 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> unstarted.sidecar().start())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + occupant.getLocalPort())
                    .hasMessageContaining("in use");
        }
    }
}
