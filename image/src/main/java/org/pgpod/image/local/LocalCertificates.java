package org.pgpod.image.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Certificates of an authority of this machine's own, laid out as Kubernetes mounts a cert-manager Secret. */
public final class LocalCertificates {
    private static final int DAYS = 30;

    private final Path directory;
    private final LocalUsers users;

    private LocalCertificates(Path directory, LocalUsers users) {
        this.directory = directory;
        this.users = users;
    }

    /** A new authority; its key stays in {@code directory}, readable by nobody else. */
    public static LocalCertificates authority(Path directory, LocalUsers users)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        users.own(directory, LocalUsers.Owner.ROOT, "755");
        LocalCertificates certificates = new LocalCertificates(directory, users);
        certificates.openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days %d -subj /CN=pgpod-local-authority"
                                .formatted(DAYS)
                        + " -keyout ca.key -out ca.crt");
        users.own(certificates.authorityCertificate(), LocalUsers.Owner.ROOT, "644");
        return certificates;
    }

    public Path authorityCertificate() {
        return directory.resolve("ca.crt");
    }

    /**
     * Issues a certificate into {@code secret}: a version directory, the link {@code ..data}, and a link for each file.
     *
     * @param names subject alternative names, such as {@code DNS:localhost,IP:127.0.0.1}
     */
    public void issue(Path secret, String commonName, String names) throws IOException, InterruptedException {
        Files.createDirectories(secret);
        users.own(secret, LocalUsers.Owner.ROOT, "755");
        Path version = Files.createTempDirectory(secret, "..version");
        users.own(version, LocalUsers.Owner.ROOT, "755");
        Path extensions = Files.writeString(directory.resolve("names"), "subjectAltName=" + names + "\n");
        openssl("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + commonName + " -keyout "
                + version + "/tls.key -out request");
        openssl("x509 -req -days " + DAYS + " -in request -CA ca.crt -CAkey ca.key -CAcreateserial -extfile "
                + extensions + " -out " + version + "/tls.crt");
        Files.copy(authorityCertificate(), version.resolve("ca.crt"));
        // libpq takes a key of root's that the group may read, or one of its own user's that nobody else may.
        users.own(version.resolve("tls.key"), LocalUsers.Owner.ROOT, users.apart() ? "640" : "600");
        users.own(version.resolve("tls.crt"), LocalUsers.Owner.ROOT, "644");
        users.own(version.resolve("ca.crt"), LocalUsers.Owner.ROOT, "644");
        Path next = Files.createSymbolicLink(secret.resolve("..data_tmp"), version.getFileName());
        Files.move(next, secret.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        for (String file : List.of("tls.crt", "tls.key", "ca.crt")) {
            Files.createSymbolicLink(secret.resolve(file), Path.of("..data", file));
        }
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        Commands.run(
                directory,
                java.util.stream.Stream.concat(
                                java.util.stream.Stream.of("openssl"), java.util.Arrays.stream(arguments.split(" ")))
                        .toList());
    }
}
