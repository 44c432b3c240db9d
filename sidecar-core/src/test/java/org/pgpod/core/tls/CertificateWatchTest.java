package org.pgpod.core.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.core.testing.Unprivileged;

class CertificateWatchTest {
    @TempDir
    private Path directory;

    private Path secret;
    private TestCertificates certificates;

    @BeforeEach
    void issueFirst() {
        secret = directory.resolve("secret");
        certificates = TestCertificates.authority(directory);
        certificates.issue(secret, "one", "DNS:localhost");
    }

    @Test
    void aSwapOfTheSecretIsTakenOverOnce() throws Exception {
        List<CertificatePair> seen = new ArrayList<>();
        CertificateWatch watch = CertificateWatch.open(secret, seen::add);
        watch.check();
        certificates.issue(secret, "two", "DNS:localhost");
        watch.check();
        watch.check();
        assertThat(seen)
                .extracting(pair ->
                        pair.chain().getFirst().getSubjectX500Principal().getName())
                .containsExactly("CN=one", "CN=two");
        assertThat(watch.current().authorities()).hasSize(1);
        assertThat(watch.problem()).isEmpty();
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedAndTheLastGoodPairStays() throws Exception {
        CertificateWatch watch = CertificateWatch.open(secret, pair -> {});
        Path broken = Files.createTempDirectory(secret, "..version");
        Files.copy(secret.resolve("tls.crt"), broken.resolve("tls.crt"));
        Files.copy(directory.resolve("ca.key"), broken.resolve("tls.key"));
        TestCertificates.publish(secret, broken);
        watch.check();
        assertThat(watch.problem().orElseThrow()).contains("tls.key does not belong to the certificate in tls.crt");
        assertThat(watch.current().chain().getFirst().getSubjectX500Principal().getName())
                .isEqualTo("CN=one");
        certificates.issue(secret, "three", "DNS:localhost");
        watch.check();
        assertThat(watch.problem()).isEmpty();
        assertThat(watch.current().chain().getFirst().getSubjectX500Principal().getName())
                .isEqualTo("CN=three");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatIOException()
                .isThrownBy(() -> CertificateFiles.load(directory.resolve("nowhere")))
                .withMessageContaining("nowhere/tls.crt is missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "genrsa -traditional 2048", // PKCS#1
                "genrsa 2048", // PKCS#8
                "ecparam -name prime256v1 -genkey -noout", // SEC1
                "ecparam -name secp384r1 -genkey -noout",
                "genpkey -algorithm ED25519",
            })
    void everyFormOfKeyThatCertManagerWritesIsRead(String command) throws Exception {
        Path plain = Files.createDirectory(directory.resolve("plain"));
        List<String> words = new ArrayList<>(List.of("openssl"));
        words.addAll(List.of(command.split(" ")));
        words.addAll(
                command.startsWith("gen") && !command.startsWith("genpkey")
                        ? List.of()
                        : List.of("-out", plain + "/tls.key"));
        if (command.startsWith("genrsa")) {
            words.addAll(words.size() - 1, List.of("-out", plain + "/tls.key"));
        }
        Unprivileged.run(words);
        Unprivileged.run(List.of(
                "openssl", "req", "-x509", "-key", plain + "/tls.key", "-subj", "/CN=x", "-out", plain + "/tls.crt"));
        assertThat(CertificateFiles.load(plain).chain()).hasSize(1);
    }
}
