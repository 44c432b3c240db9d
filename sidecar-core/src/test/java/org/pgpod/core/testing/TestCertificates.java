package org.pgpod.core.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Certificates signed by an authority of the test's own, laid out and swapped like a mounted cert-manager Secret. */
public final class TestCertificates {
    private final Path authority;

    private TestCertificates(Path authority) {
        this.authority = authority;
    }

    /** A new authority whose files live in {@code directory}. */
    public static TestCertificates authority(Path directory) {
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=test-authority"
                + " -keyout " + directory + "/ca.key -out " + directory + "/ca.crt");
        return new TestCertificates(directory);
    }

    public Path authorityCertificate() {
        return authority.resolve("ca.crt");
    }

    /**
     * Issues a certificate and puts it into {@code secret} as Kubernetes would: a new version directory, then a rename of
     * the {@code ..data} link.
     *
     * @param names the subject alternative names, such as {@code DNS:localhost,IP:127.0.0.1}
     */
    public void issue(Path secret, String commonName, String names) {
        issue(secret, commonName, names, 30);
    }

    /** The same for so many days from now; for fewer than none it has expired. */
    public void issue(Path secret, String commonName, String names, int days) {
        try {
            Path version = Files.createTempDirectory(Files.createDirectories(secret), "..version");
            Files.setPosixFilePermissions(
                    version, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.writeString(version.resolve("names"), "subjectAltName=" + names + "\n");
            openssl("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + commonName + " -keyout "
                    + version + "/tls.key -out " + version + "/request");
            openssl("x509 -req -days " + days + " -in " + version + "/request -CA " + authority + "/ca.crt -CAkey "
                    + authority + "/ca.key -CAcreateserial -extfile " + version + "/names -out " + version
                    + "/tls.crt");
            Files.copy(authorityCertificate(), version.resolve("ca.crt"));
            publish(secret, version);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Puts a certificate that has signed itself into {@code secret}, its key and hash as options of openssl. */
    public static void selfSigned(Path secret, String keyAndHash) {
        try {
            Path version = Files.createTempDirectory(Files.createDirectories(secret), "..version");
            openssl("req -x509 " + keyAndHash + " -nodes -days 30 -subj /CN=localhost -keyout " + version
                    + "/tls.key -out " + version + "/tls.crt");
            Files.copy(version.resolve("tls.crt"), version.resolve("ca.crt"));
            publish(secret, version);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Makes {@code version} the current content of {@code secret}, in one step. */
    public static void publish(Path secret, Path version) throws IOException {
        Path next = secret.resolve("..data_tmp");
        Files.deleteIfExists(next);
        Files.createSymbolicLink(next, version.getFileName());
        Files.move(next, secret.resolve("..data"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        for (String file : List.of("tls.crt", "tls.key", "ca.crt")) {
            if (!Files.isSymbolicLink(secret.resolve(file))) {
                Files.createSymbolicLink(secret.resolve(file), Path.of("..data", file));
            }
        }
    }

    private static void openssl(String arguments) {
        Unprivileged.run(java.util.stream.Stream.concat(
                        java.util.stream.Stream.of("openssl"), java.util.Arrays.stream(arguments.split(" ")))
                .toList());
    }
}
