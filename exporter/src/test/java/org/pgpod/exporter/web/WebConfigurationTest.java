package org.pgpod.exporter.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.exporter.web.TlsSettings.CipherOrder;
import org.pgpod.exporter.web.TlsSettings.ClientCertificate;

class WebConfigurationTest {
    // Made by crypt(3) of libxcrypt.
    private static final String CHEAP = "$2y$04$abcdefghijklmnopqrstuuUV4Dwbu42sQ4vC10vSayUD2S3sJRhUC";
    private static final String DEAR = "$2b$12$abcdefghijklmnopqrstuuO3qklf0gWJ075JeZeQBTlNCeXpZ.rFG";
    private static final String OF_80_X = "$2a$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
    private static final String PASSWORD = "Größe:42";

    @TempDir
    private Path directory;

    private WebConfiguration read(String text) throws Exception {
        return WebConfigurationReader.read(Files.writeString(directory.resolve("web.yml"), text));
    }

    @Test
    void theFileOfExporterToolkitIsUnderstood() throws Exception {
        WebConfiguration configuration = read("""
                tls_server_config:
                  cert_file: tls.crt
                  key_file: /etc/keys/tls.key
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: ca.crt
                  client_allowed_sans: [prometheus.monitoring.svc]
                  min_version: TLS12
                  max_version: TLS13
                  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
                  curve_preferences: [CurveP256, X25519]
                  prefer_server_cipher_suites: false
                http_server_config:
                  http2: false
                  headers: {X-Frame-Options: deny, Strict-Transport-Security: max-age=31536000}
                basic_auth_users:
                  alice: %s
                """.formatted(CHEAP));
        TlsSettings tls = configuration.tls().orElseThrow();
        assertThat(tls.certificate()).isEqualTo(directory.resolve("tls.crt"));
        assertThat(tls.key()).isEqualTo(Path.of("/etc/keys/tls.key"));
        assertThat(tls.clientAuthorities()).contains(directory.resolve("ca.crt"));
        assertThat(tls.clientCertificate()).isEqualTo(ClientCertificate.VERIFIED);
        assertThat(tls.clientNames()).containsExactly("prometheus.monitoring.svc");
        assertThat(tls.protocols()).containsExactly("TLSv1.2", "TLSv1.3");
        assertThat(tls.cipherSuites())
                .contains("TLS_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
                .doesNotContain("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        assertThat(tls.groups()).containsExactly("secp256r1", "x25519");
        assertThat(tls.cipherOrder()).isEqualTo(CipherOrder.CLIENT);
        assertThat(configuration.headers())
                .containsEntry("X-Frame-Options", "deny")
                .hasSize(2);
        assertThat(configuration.users()).containsOnlyKeys("alice");
        assertThat(configuration).asString().doesNotContain("$2y$");
    }

    @Test
    void anEmptyFileAsksForNothing() throws Exception {
        assertThat(read("")).isEqualTo(WebConfiguration.OPEN);
        assertThat(read("# nothing yet\n")).isEqualTo(WebConfiguration.OPEN);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    rate_limit: {interval: 1s} | key 'rate_limit' is unknown or not supported; keys are basic_auth_users, http_server_config, tls_server_config
                    [] | must be a map
                    tls_server_config: {cert: x, cert_file: a, key_file: b} | tls_server_config: key 'cert' is unknown or not supported
                    tls_server_config: {cert_file: a} | tls_server_config: cert_file and key_file must be set
                    tls_server_config: {cert_file: a, key_file: b, min_version: TLS10} | min_version is 'TLS10'; it must be one of TLS12, TLS13
                    tls_server_config: {cert_file: a, key_file: b, min_version: TLS13, max_version: TLS12} | max_version is 'TLS12'; it must not be below min_version
                    tls_server_config: {cert_file: a, key_file: b, client_auth_type: Always} | client_auth_type is 'Always'; it must be one of NoClientCert, RequestClientCert,
                    tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert} | client_ca_file goes with client_auth_type
                    tls_server_config: {cert_file: a, key_file: b, client_ca_file: c} | client_ca_file goes with client_auth_type
                    tls_server_config: {cert_file: a, key_file: b, client_allowed_sans: [d]} | client_allowed_sans goes with client_auth_type
                    tls_server_config: {cert_file: a, key_file: b, cipher_suites: [RC4]} | cipher_suites names 'RC4'; suites are TLS_
                    tls_server_config: {cert_file: a, key_file: b, cipher_suites: RC4} | cipher_suites must be a list
                    tls_server_config: {cert_file: a, key_file: b, curve_preferences: [P1]} | curve_preferences names 'P1'; curves are CurveP256
                    tls_server_config: {cert_file: a, key_file: b, prefer_server_cipher_suites: x} | prefer_server_cipher_suites is 'x'; it must be true or false
                    http_server_config: {http2: true} | http_server_config: http2 is 'true'; it must be false
                    http_server_config: {headers: {Server: x}} | header 'Server' is unknown; headers are Content-Security-Policy
                    http_server_config: {headers: {X-Frame-Options: maybe}} | header X-Frame-Options is 'maybe'; it must be
                    basic_auth_users: {alice: secret} | basic_auth_users: 'alice' has no bcrypt hash
                    basic_auth_users: {alice: $2y$31$abcdefghijklmnopqrstuuUV4Dwbu42sQ4vC10vSayUD2S3sJRhUC} | 'alice' has no bcrypt hash; it must begin with $2a$, $2b$ or $2y$ and have a cost from 4 to 16
                    basic_auth_users: [alice] | basic_auth_users: must be a map
                    {a: | not readable as YAML
                    """)
    void whatIsWrongIsNamed(String text, String problem) {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> read(text))
                .satisfies(refused -> assertThat(refused.problems())
                        .anySatisfy(sentence -> assertThat(sentence)
                                .startsWith(directory.resolve("web.yml").toString())
                                .contains(problem)
                                .doesNotContain("secret", "UV4Dwbu42")));
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> WebConfigurationReader.read(directory.resolve("none.yml")))
                .satisfies(refused -> assertThat(refused.problems())
                        .anyMatch(problem -> problem.contains("none.yml: cannot be read")));
    }

    private static String basic(String login) {
        return "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void onlyTheRightPasswordOfAKnownUserIsAdmitted() {
        BasicAuthentication authentication = new BasicAuthentication();
        Map<String, String> users = Map.of("alice", CHEAP, "long", OF_80_X);
        for (int i = 0; i < 2; i++) {
            assertThat(authentication.admits(basic("alice:" + PASSWORD), users)).isTrue();
            assertThat(authentication.admits(basic("long:" + "x".repeat(80)), users))
                    .isTrue();
            assertThat(authentication.admits(
                            "bASIC " + basic("alice:" + PASSWORD).substring(6), users))
                    .isTrue();
            for (String wrong : List.of("alice:Größe", "alice:", "alice", "bob:" + PASSWORD, "long:" + PASSWORD, ":")) {
                assertThat(authentication.admits(basic(wrong), users)).as(wrong).isFalse();
            }
            for (String header : List.of("", "Basic", "Basic !", "Basic /w==", "Bearer x")) {
                assertThat(authentication.admits(header, users)).as(header).isFalse();
            }
        }
        assertThat(authentication.admits(null, users)).isFalse();
        assertThat(authentication.admits(basic("alice:" + PASSWORD), Map.of("alice", OF_80_X)))
                .as("after the hash was replaced")
                .isFalse();
    }

    @Test
    void aLoginThatWorkedIsNotHashedAgain() {
        BasicAuthentication authentication = new BasicAuthentication();
        Map<String, String> users = Map.of("alice", DEAR);
        long start = System.nanoTime();
        assertThat(authentication.admits(basic("alice:" + PASSWORD), users)).isTrue();
        long first = System.nanoTime() - start;
        start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertThat(authentication.admits(basic("alice:" + PASSWORD), users)).isTrue();
        }
        assertThat(System.nanoTime() - start).as("twenty more").isLessThan(first * 5);
    }
}
