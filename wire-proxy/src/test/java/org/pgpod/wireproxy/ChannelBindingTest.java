package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.TlsClient;
import org.pgpod.wireproxy.testing.VerifierSource;

/** Which clients come in with which demands for channel binding, by whom they are authenticated. */
class ChannelBindingTest {
    private static final String PASSWORD = "p@ss wörd";

    private static PostgresServer postgres;
    private static ProxyFixture relay;
    private static ProxyFixture scram;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
        VerifierSource.prepare(postgres);
        postgres.execute(
                "set password_encryption = 'scram-sha-256'; create role app login password '" + PASSWORD + "'");
        relay = ProxyFixture.start(postgres, Map.of("clientTls", "allowed"));
        scram = ProxyFixture.start(postgres, Map.of("clientTls", "allowed", "clientAuthentication", "scram"));
    }

    @AfterAll
    static void stop() {
        relay.close();
        scram.close();
        postgres.close();
    }

    record Case(String authentication, String tls, String binding, boolean works) {}

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String tls : List.of("verify-full", "disable")) {
            for (String binding : List.of("require", "prefer", "disable")) {
                cases.add(new Case("relay", tls, binding, !binding.equals("require")));
                cases.add(new Case("scram", tls, binding, !(binding.equals("require") && tls.equals("disable"))));
            }
        }
        return cases;
    }

    static List<Case> casesWithoutInsisting() {
        return cases().stream().filter(one -> !one.binding().equals("require")).toList();
    }

    private static ProxyFixture proxy(Case wanted) {
        return wanted.authentication().equals("scram") ? scram : relay;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void libpq(Case wanted) throws Exception {
        assertThat(psql(proxy(wanted), wanted.tls(), wanted.binding())).isEqualTo(wanted.works());
    }

    private static boolean psql(ProxyFixture proxy, String tls, String binding) throws Exception {
        return psql(proxy, tls, binding, proxy.certificates().authorityCertificate());
    }

    private static boolean psql(ProxyFixture proxy, String tls, String binding, Path authority) throws Exception {
        String connection = "host=localhost port=" + proxy.port() + " user=app dbname=postgres sslmode=" + tls
                + " channel_binding=" + binding + " sslrootcert="
                + authority + " passfile=" + passwordFile(proxy);
        return succeeds(
                List.of(
                        PostgresServer.PROGRAMS.resolve("psql").toString(),
                        "-XAtqc",
                        "select session_user",
                        connection),
                "app");
    }

    /** In UTF-8, which the arguments of a program are only in some locales. */
    private static Path passwordFile(ProxyFixture proxy) throws IOException {
        Path file = Files.writeString(proxy.directory().resolve("passwords"), "*:*:*:*:" + PASSWORD + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static boolean succeeds(List<String> command, String output) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return process.exitValue() == 0 && printed.equals(output);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void pgjdbc(Case wanted) {
        assertThat(jdbc(proxy(wanted), wanted.tls(), wanted.binding())).isEqualTo(wanted.works());
    }

    private static boolean jdbc(ProxyFixture proxy, String tls, String binding) {
        return jdbc(proxy, tls, binding, proxy.certificates().authorityCertificate());
    }

    private static boolean jdbc(ProxyFixture proxy, String tls, String binding, Path authority) {
        Map<String, String> properties = Map.of(
                "user", "app",
                "password", PASSWORD,
                "sslmode", tls,
                "channelBinding", binding,
                "sslrootcert", authority.toString());
        try (Connection connection = proxy.connect(properties);
                Statement statement = connection.createStatement()) {
            return statement.execute("select 1");
        } catch (SQLException refused) {
            return false;
        }
    }

    /** node's client binds to the channel if it may ({@code enableChannelBinding}), and cannot insist on it. */
    @ParameterizedTest
    @MethodSource("casesWithoutInsisting")
    @Tag("long")
    void nodePostgres(Case wanted) throws Exception {
        assumeTrue(succeeds(List.of("sh", "-c", "node -e 'require(\"pg\")'"), ""), "node with the package pg");
        String script = """
                const { Client } = require('pg');
                const client = new Client({
                  host: 'localhost', port: %d, user: 'app', database: 'postgres', password: '%s',
                  enableChannelBinding: %s,
                  ssl: %s && { ca: require('fs').readFileSync('%s') },
                });
                client.connect()
                  .then(() => client.query('select session_user as me'))
                  .then((result) => { console.log(result.rows[0].me); return client.end(); })
                  .catch((error) => { console.log(error.message); process.exit(1); });
                """.formatted(
                        proxy(wanted).port(),
                        PASSWORD,
                        wanted.binding().equals("prefer"),
                        wanted.tls().equals("verify-full"),
                        proxy(wanted).certificates().authorityCertificate());
        assertThat(succeeds(List.of("node", "-e", script), "app")).isEqualTo(wanted.works());
    }

    /** Hashes other than SHA-256, and a signature that names none: with that, nobody can bind to the channel. */
    @Tag("long")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-newkey rsa:2048 -sha256",
                "-newkey ec -pkeyopt ec_paramgen_curve:secp384r1 -sha384",
                "-newkey rsa:2048 -sha512",
                "-newkey ed25519"
            })
    void anyCertificate(String key) throws Exception {
        boolean bindable = !key.contains("ed25519");
        try (ProxyFixture proxy = ProxyFixture.prepare(postgres, Map.of("clientAuthentication", "scram"))) {
            TestCertificates.selfSigned(proxy.clientCertificate(), key);
            Path authority = proxy.clientCertificate().resolve("ca.crt");
            proxy.sidecar().start();
            for (String binding : List.of("require", "prefer", "disable")) {
                boolean works = bindable || !binding.equals("require");
                assertThat(psql(proxy, "verify-ca", binding, authority))
                        .as(binding)
                        .isEqualTo(works);
                assertThat(jdbc(proxy, "verify-ca", binding, authority))
                        .as(binding)
                        .isEqualTo(works);
            }
        }
    }

    @Test
    void aRenewedCertificateIsBoundToAtOnce() throws Exception {
        BigInteger before = serial();
        scram.issueServerCertificate();
        // Whichever is shown, the old or the new one: what counts is the handshake.
        Await.until("the new certificate is used", () -> {
            assertThat(psql(scram, "verify-full", "require")).isTrue();
            return !serial().equals(before);
        });
        assertThat(psql(scram, "verify-full", "require")).isTrue();
        assertThat(jdbc(scram, "verify-full", "require")).isTrue();
    }

    private static BigInteger serial() throws IOException {
        Path authority = scram.certificates().authorityCertificate();
        try (RawClient client = RawClient.connect(scram.port());
                SSLSocket tls = TlsClient.handshake(client.socket(), authority, "postgresql")) {
            return ((X509Certificate) tls.getSession().getPeerCertificates()[0]).getSerialNumber();
        }
    }
}
