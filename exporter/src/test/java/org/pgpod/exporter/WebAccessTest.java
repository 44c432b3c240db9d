package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.core.tls.Authorities;
import org.pgpod.core.tls.CertificateFiles;
import org.pgpod.core.tls.CurrentKey;

/** Who may read the pages of a running exporter, while files change. No Postgres is needed for that. */
class WebAccessTest {
    private static final String USERS =
            "basic_auth_users: {alice: $2y$04$abcdefghijklmnopqrstuuUV4Dwbu42sQ4vC10vSayUD2S3sJRhUC}\n";
    private static final String ALICE =
            "Basic " + Base64.getEncoder().encodeToString("alice:Größe:42".getBytes(StandardCharsets.UTF_8));

    @TempDir
    private Path directory;

    private Path web;
    private Path secret;
    private TestCertificates certificates;

    @BeforeEach
    void issue() {
        web = directory.resolve("web.yml");
        secret = directory.resolve("secret");
        certificates = TestCertificates.authority(directory);
        certificates.issue(secret, "one", "IP:127.0.0.1");
    }

    private RunningExporter exporter(String file) throws Exception {
        Files.writeString(web, file);
        return RunningExporter.on(PostgresServer.freePort(), "webConfigFile: " + web, "scrapeDeadline: 200ms");
    }

    private String tls(String more) {
        return "tls_server_config: {cert_file: secret/tls.crt, key_file: secret/tls.key, " + more + "}\n";
    }

    /** A client with connections of its own, which shows the certificate of a directory if there is one. */
    private HttpClient client(Optional<Path> shown) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                new KeyManager[] {
                    new CurrentKey(() -> shown.map(from -> {
                        try {
                            return CertificateFiles.load(from);
                        } catch (IOException failed) {
                            throw new java.io.UncheckedIOException(failed);
                        }
                    }))
                },
                new TrustManager[] {Authorities.trust(CertificateFiles.authorities(certificates.authorityCertificate()))
                },
                null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private HttpResponse<String> get(RunningExporter exporter, String path, Optional<Path> shown) throws Exception {
        try (HttpClient client = client(shown)) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + exporter.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String name(HttpResponse<String> answer) throws Exception {
        var session = answer.sslSession().orElseThrow();
        return ((X509Certificate) session.getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    @Test
    void withoutThePasswordNothingButTheStatusIsShown() throws Exception {
        try (RunningExporter exporter = exporter(USERS + "http_server_config: {headers: {X-Frame-Options: deny}}\n")) {
            for (String path : List.of("/metrics", "/", "/nothing")) {
                HttpResponse<String> refused = exporter.get(path);
                assertThat(refused.statusCode()).as(path).isIn(401, 404);
                assertThat(refused.body()).as(path).isIn("unauthorized\n", "not found\n");
            }
            assertThat(exporter.get("/metrics").headers().firstValue("WWW-Authenticate"))
                    .contains("Basic realm=\"pgpod exporter\"");
            assertThat(exporter.get("/livez").body()).isEqualTo("ok\n");
            assertThat(exporter.get("/readyz").body()).isEqualTo("ok\n");
            assertThat(exporter.get("/readyz", "Authorization", ALICE).body()).contains("postgres: ");
            HttpResponse<String> page = exporter.get("/metrics", "Authorization", ALICE);
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).contains("pgpod_exporter_config_last_reload_successful{configuration=\"web\"} 1");
            assertThat(page.headers().firstValue("X-Frame-Options")).contains("deny");
        }
    }

    @Test
    void aChangedFileIsTakenOverAndAWrongOneIsNot() throws Exception {
        try (RunningExporter exporter = exporter(USERS)) {
            assertThat(exporter.get("/metrics").statusCode()).isEqualTo(401);
            Files.writeString(web, "basic_auth_users: {alice: oops}\n");
            Await.until(
                    "the problem shows",
                    () -> exporter.get("/readyz", "Authorization", ALICE)
                            .body()
                            .contains("web configuration: " + web + ": basic_auth_users: 'alice' has no bcrypt hash"));
            assertThat(exporter.get("/metrics").statusCode()).isEqualTo(401);
            assertThat(exporter.get("/metrics", "Authorization", ALICE).body())
                    .contains("pgpod_exporter_config_last_reload_successful{configuration=\"web\"} 0");
            Files.writeString(web, "");
            Await.until("open", () -> exporter.get("/metrics").statusCode() == 200);
            assertThat(exporter.get("/readyz").body()).doesNotContain("web configuration");
        }
    }

    @Test
    void aRenewedCertificateIsShownAndABrokenOneIsNot() throws Exception {
        try (RunningExporter exporter = exporter(tls(""))) {
            HttpResponse<String> first = get(exporter, "/metrics", Optional.empty());
            assertThat(name(first)).isEqualTo("CN=one");
            assertThat(first.body()).contains("pgpod_exporter_certificate_expiry_timestamp_seconds 1");
            certificates.issue(secret, "two", "IP:127.0.0.1");
            Await.until(
                    "the new certificate",
                    () -> name(get(exporter, "/metrics", Optional.empty())).equals("CN=two"));
            Path broken = Files.createTempDirectory(secret, "..version");
            Files.copy(secret.resolve("tls.crt"), broken.resolve("tls.crt"));
            Files.copy(directory.resolve("ca.key"), broken.resolve("tls.key"));
            TestCertificates.publish(secret, broken);
            Await.until(
                    "the problem shows",
                    () -> get(exporter, "/readyz", Optional.empty())
                            .body()
                            .contains("tls.key does not belong to the certificate in tls.crt"));
            assertThat(name(get(exporter, "/metrics", Optional.empty()))).isEqualTo("CN=two");
        }
    }

    @Test
    void clientsThatMustShowACertificateAreVerified() throws Exception {
        Path prometheus = directory.resolve("prometheus");
        certificates.issue(prometheus, "prometheus", "DNS:prometheus.monitoring.svc");
        Path other = directory.resolve("other");
        certificates.issue(other, "other", "DNS:other");
        Path stranger = directory.resolve("stranger");
        TestCertificates.selfSigned(stranger, "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1");
        try (RunningExporter exporter = exporter(tls("client_ca_file: ca.crt,"
                + " client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [prometheus.monitoring.svc]"))) {
            assertThat(get(exporter, "/metrics", Optional.of(prometheus)).statusCode())
                    .isEqualTo(200);
            for (Optional<Path> refused : List.of(Optional.<Path>empty(), Optional.of(stranger), Optional.of(other))) {
                assertThatIOException().as("%s", refused).isThrownBy(() -> get(exporter, "/metrics", refused));
            }
        }
    }

    @Test
    void versionsAndCipherSuitesAreThoseOfTheFile() throws Exception {
        String suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
        try (RunningExporter exporter = exporter(tls("max_version: TLS12, cipher_suites: [" + suite + "]"))) {
            var session =
                    get(exporter, "/metrics", Optional.empty()).sslSession().orElseThrow();
            assertThat(session.getProtocol()).isEqualTo("TLSv1.2");
            assertThat(session.getCipherSuite()).isEqualTo(suite);
        }
    }

    @Test
    void tlsComesAndGoesWithARestartOnly() throws Exception {
        try (RunningExporter exporter = exporter("")) {
            Files.writeString(web, tls(""));
            Await.until(
                    "the problem shows",
                    () -> exporter.get("/readyz")
                            .body()
                            .contains("tls_server_config comes or goes with a restart only"));
        }
    }

    @Test
    void whatIsWrongAtTheStartKeepsTheExporterFromStarting() {
        Predicate<String> namesFile = problem -> problem.contains("secret/none.crt is missing");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(
                        () -> exporter("tls_server_config: {cert_file: secret/none.crt, key_file: secret/tls.key}\n"))
                .satisfies(refused -> assertThat(refused.problems()).anyMatch(namesFile));
    }
}
