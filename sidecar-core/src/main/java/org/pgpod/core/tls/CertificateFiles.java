package org.pgpod.core.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads a directory laid out like a mounted cert-manager Secret: {@code tls.crt}, {@code tls.key} and, if present,
 * {@code ca.crt}. All files come from one version of the Secret, and the key is proved to belong to the certificate.
 */
public final class CertificateFiles {
    /** A larger file is refused before it is read. */
    private static final long FILE_BYTES_MAX = 1_048_576;

    /** Kubernetes swaps this link when it replaces a Secret's files. */
    private static final String CURRENT_VERSION = "..data";

    private CertificateFiles() {}

    /** Loads the pair; the error says in one sentence which file is wrong and why. */
    public static CertificatePair load(Path directory) throws IOException {
        Path version = currentVersion(directory);
        byte[] authority =
                Files.exists(version.resolve("ca.crt")) ? read(version.resolve("ca.crt"), directory) : new byte[0];
        return pair(
                new Source(version, directory, "tls.crt"),
                new Source(version, directory, "tls.key"),
                authority,
                certificates(authority, directory.resolve("ca.crt")));
    }

    /** Loads a pair without authorities from files of any name; those of one directory are of one version of it. */
    public static CertificatePair load(Path certificate, Path key) throws IOException {
        Path directory = parent(certificate);
        Path version = currentVersion(directory);
        Path keyDirectory = parent(key);
        Path keyVersion = keyDirectory.equals(directory) ? version : currentVersion(keyDirectory);
        return pair(
                new Source(version, directory, String.valueOf(certificate.getFileName())),
                new Source(keyVersion, keyDirectory, String.valueOf(key.getFileName())),
                new byte[0],
                List.of());
    }

    /** A file in one version of its directory. */
    private record Source(Path version, Path directory, String name) {
        byte[] content() throws IOException {
            return read(version.resolve(name), directory);
        }

        Path shown() {
            return directory.resolve(name);
        }
    }

    private static Path parent(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        return directory == null ? file.toAbsolutePath() : directory;
    }

    private static Path currentVersion(Path directory) throws IOException {
        Path link = directory.resolve(CURRENT_VERSION);
        return Files.exists(link) ? link.toRealPath() : directory;
    }

    private static CertificatePair pair(
            Source certificate, Source key, byte[] authority, List<X509Certificate> authorities) throws IOException {
        byte[] certificateContent = certificate.content();
        byte[] keyContent = key.content();
        List<X509Certificate> chain = certificates(certificateContent, certificate.shown());
        if (chain.isEmpty()) {
            throw new IOException(certificate.shown() + " holds no certificate");
        }
        try {
            PrivateKey privateKey = PrivateKeys.parse(new String(keyContent, StandardCharsets.US_ASCII));
            if (!belong(chain.getFirst().getPublicKey(), privateKey)) {
                throw new IOException(key.shown() + " does not belong to the certificate in " + certificate.name());
            }
            return new CertificatePair(
                    chain, privateKey, authorities, digest(certificateContent, keyContent, authority));
        } catch (GeneralSecurityException unusable) {
            throw new IOException(key.shown() + " is not usable: " + unusable.getMessage(), unusable);
        }
    }

    /** The certificates of one PEM file, at least one; the error says in one sentence what is wrong with it. */
    public static List<X509Certificate> authorities(Path file) throws IOException {
        List<X509Certificate> authorities = certificates(read(file, parent(file)), file);
        if (authorities.isEmpty()) {
            throw new IOException(file + " holds no certificate");
        }
        return authorities;
    }

    private static byte[] read(Path file, Path directory) throws IOException {
        Path shown = directory.resolve(file.getFileName());
        if (!Files.exists(file)) {
            throw new IOException("the certificate file " + shown + " is missing");
        }
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException(shown + " is larger than " + FILE_BYTES_MAX + " bytes");
        }
        try {
            return Files.readAllBytes(file);
        } catch (java.nio.file.AccessDeniedException denied) {
            throw new IOException("the certificate file " + shown + " may not be read by this user", denied);
        }
    }

    private static List<X509Certificate> certificates(byte[] pem, Path shown) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (var certificate : factory.generateCertificates(new ByteArrayInputStream(pem))) {
                certificates.add((X509Certificate) certificate);
            }
            return certificates;
        } catch (CertificateException malformed) {
            throw new IOException(shown + " is not PEM certificates: " + malformed.getMessage(), malformed);
        }
    }

    private static boolean belong(PublicKey certified, PrivateKey key) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] sample = "pgpod".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(sample);
            return signature.verify(signed);
        } catch (java.security.InvalidKeyException | java.security.SignatureException otherKind) {
            return false;
        }
    }

    private static String digest(byte[]... files) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (byte[] file : files) {
            digest.update(Integer.toString(file.length).getBytes(StandardCharsets.US_ASCII));
            digest.update((byte) ' ');
            digest.update(file);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
