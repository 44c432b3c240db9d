package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.wireproxy.testing.PoolFixture;
import org.pgpod.wireproxy.testing.ProxyFixture;

/** Certificates of clients, shown by libpq and by pgjdbc: who comes in as whom, in each mode. */
class ClientCertificateTest {
    private static final String MAP = """
            # map-name  name  role
            other  /^(.*)$  \\1
            cert   /^(.*)@shop\\.example$  \\1
            cert   "spiffe://shop/robot"  bob
            """;

    private static final Path DIRECTORY = Unprivileged.directory("certificates");
    private static final Path CLIENT_CA = DIRECTORY.resolve("clients.crt");
    private static final Path MAP_FILE = DIRECTORY.resolve("ident");

    private static PostgresServer postgres;
    private static TestCertificates right;
    private static TestCertificates wrong;
    private static Map<String, ProxyFixture> proxies;

    @BeforeAll
    static void start() throws IOException {
        postgres = PostgresServer.start();
        postgres.execute("create role ann login; create role bob login");
        right = TestCertificates.authority(Files.createDirectory(DIRECTORY.resolve("right")));
        wrong = TestCertificates.authority(Files.createDirectory(DIRECTORY.resolve("wrong")));
        Files.copy(right.authorityCertificate(), CLIENT_CA);
        Files.writeString(MAP_FILE, MAP);
        issue(right, "ann", "DNS:unused", 30);
        issue(right, "mail", "email:ann@shop.example", 30);
        issue(right, "robot", "URI:spiffe://shop/robot", 30);
        issue(right, "late", "DNS:unused", -1);
        issue(wrong, "stranger", "email:ann@shop.example", 30);
        proxies = Map.of(
                "require", proxy("require", false),
                "mapped", proxy("require", true),
                "request", proxy("request", false));
    }

    private static ProxyFixture proxy(String mode, boolean mapped) {
        Map<String, String> options = new HashMap<>(
                Map.of("clientCertificate", mode, "clientCa", CLIENT_CA.toString(), "clientTls", "allowed"));
        if (mapped) {
            options.put("clientCertificateMap", MAP_FILE.toString());
        }
        return ProxyFixture.start(postgres, options);
    }

    /** The common name of {@code late} and {@code stranger} is ann. */
    private static void issue(TestCertificates authority, String name, String names, int days) throws IOException {
        Path secret = DIRECTORY.resolve("client-" + name);
        boolean ann = name.equals("late") || name.equals("stranger");
        authority.issue(secret, ann ? "ann" : name, names, days);
        Path key = DIRECTORY.resolve(name + ".key");
        Files.copy(secret.resolve("tls.key").toRealPath(), key);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Unprivileged.run(List.of(
                "openssl",
                "pkcs8",
                "-topk8",
                "-nocrypt",
                "-outform",
                "DER",
                "-in",
                key.toString(),
                "-out",
                key + ".pk8"));
    }

    @AfterAll
    static void stop() {
        proxies.values().forEach(ProxyFixture::close);
        postgres.close();
        Unprivileged.delete(DIRECTORY);
    }

    private static ProxyFixture proxy(String name) {
        return Objects.requireNonNull(proxies.get(name));
    }

    /** As whom psql comes in with this certificate, or why it does not. */
    private static String psql(ProxyFixture proxy, String certificate, String role) {
        String shown = certificate.equals("none")
                ? "sslcert=/nonexistent"
                : "sslcert=" + DIRECTORY.resolve("client-" + certificate).resolve("tls.crt") + " sslkey="
                        + DIRECTORY.resolve(certificate + ".key");
        String target = proxy.libpq(shown).replace("user=postgres", "user=" + role);
        return outcome(() -> Unprivileged.run(List.of(
                        PostgresServer.PROGRAMS.resolve("psql").toString(), target, "-qAtc", "select current_user"))
                .strip());
    }

    private static String jdbc(ProxyFixture proxy, String certificate, String role) {
        Map<String, String> properties = new HashMap<>(Map.of("user", role));
        if (certificate.equals("none")) {
            properties.put("sslcert", "");
        } else {
            properties.put(
                    "sslcert",
                    DIRECTORY
                            .resolve("client-" + certificate)
                            .resolve("tls.crt")
                            .toString());
            properties.put("sslkey", DIRECTORY.resolve(certificate + ".key.pk8").toString());
        }
        return outcome(() -> {
            try (Connection connection = proxy.connect(properties)) {
                return PoolFixture.value(connection, "select current_user");
            }
        });
    }

    private interface Login {
        String role() throws Exception;
    }

    private static String outcome(Login login) {
        List<String> role = new ArrayList<>();
        Throwable failure = catchThrowable(() -> role.add(login.role()));
        if (failure == null) {
            return role.getFirst();
        }
        String text = String.valueOf(failure.getMessage());
        if (text.contains("requires a valid client certificate")) {
            return "missing";
        }
        return text.contains("certificate authentication failed") ? "another" : "no handshake";
    }

    @ParameterizedTest
    @CsvSource({
        "require, ann,      ann, ann",
        "require, ann,      bob, another",
        "require, mail,     ann, another",
        "require, none,     ann, missing",
        "require, late,     ann, no handshake",
        "require, stranger, ann, no handshake",
        "mapped,  mail,     ann, ann",
        "mapped,  mail,     bob, another",
        "mapped,  robot,    bob, bob",
        "mapped,  robot,    ann, another",
        "mapped,  ann,      ann, another",
        "request, none,     ann, ann",
        "request, ann,      ann, ann",
        "request, ann,      bob, another",
        "request, stranger, ann, no handshake",
    })
    void whoComesInAsWhom(String proxy, String certificate, String role, String outcome) {
        ProxyFixture at = proxy(proxy);
        assertThat(psql(at, certificate, role)).as("libpq").isEqualTo(outcome);
        assertThat(jdbc(at, certificate, role)).as("pgjdbc").isEqualTo(outcome);
    }

    @Test
    void withoutTlsThereIsNoCertificate() {
        ProxyFixture proxy = proxy("require");
        assertThatThrownBy(() -> proxy.connect(Map.of("user", "ann", "sslmode", "disable")))
                .hasMessageContaining("requires a valid client certificate");
        assertThat(proxy.metric("pgpod_proxy_refusals_total{reason=\"certificate\"}"))
                .isPositive();
    }

    @Test
    void authoritiesAndMapAreReadAgainAndTheLastGoodOnesStay() throws IOException {
        Path authorities = DIRECTORY.resolve("own.crt");
        Path map = DIRECTORY.resolve("own-ident");
        Files.copy(wrong.authorityCertificate(), authorities);
        Files.writeString(map, "cert ann bob\n");
        Map<String, String> options = Map.of(
                "clientCertificate", "require",
                "clientCa", authorities.toString(),
                "clientCertificateMap", map.toString());
        try (ProxyFixture proxy = ProxyFixture.start(postgres, options)) {
            assertThat(psql(proxy, "ann", "bob")).isEqualTo("no handshake");
            Files.copy(right.authorityCertificate(), authorities, StandardCopyOption.REPLACE_EXISTING);
            Await.until(
                    "the other authority counts",
                    () -> psql(proxy, "ann", "bob").equals("bob"));
            Files.writeString(map, "cert ann ann\n");
            Await.until("the other map counts", () -> psql(proxy, "ann", "ann").equals("ann"));
            Files.writeString(map, "cert /( ann\n");
            Await.until(
                    "the problem is shown",
                    () -> proxy.sidecar().health().details().toString().contains("line 1 has a regular expression"));
            assertThat(psql(proxy, "ann", "ann")).isEqualTo("ann");
        }
    }

    @Test
    void whatDoesNotFitEndsTheStart() {
        Map<String, Map<String, String>> wrongOptions = Map.of(
                "certificates are shown in TLS only", Map.of("clientCertificate", "require", "clientTls", "disabled"),
                "is not a file", Map.of("clientCertificate", "require", "clientCertificateMap", "/nonexistent"));
        wrongOptions.forEach((message, options) -> {
            try (ProxyFixture proxy = ProxyFixture.prepare(postgres, options)) {
                assertThatThrownBy(proxy.sidecar()::start).hasMessageContaining(message);
            }
        });
    }
}
