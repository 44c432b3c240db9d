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
        Path link = directory.resolve(CURRENT_VERSION);
        Path version = Files.exists(link) ? link.toRealPath() : directory;
        byte[] certificate = read(version.resolve("tls.crt"), directory);
        byte[] key = read(version.resolve("tls.key"), directory);
        byte[] authority =
                Files.exists(version.resolve("ca.crt")) ? read(version.resolve("ca.crt"), directory) : new byte[0];
        List<X509Certificate> chain = certificates(certificate, directory.resolve("tls.crt"));
        if (chain.isEmpty()) {
            throw new IOException(directory.resolve("tls.crt") + " holds no certificate");
        }
        try {
            PrivateKey privateKey = PrivateKeys.parse(new String(key, StandardCharsets.US_ASCII));
            requirePair(chain.getFirst().getPublicKey(), privateKey, directory);
            return new CertificatePair(
                    chain,
                    privateKey,
                    certificates(authority, directory.resolve("ca.crt")),
                    digest(certificate, key, authority));
        } catch (GeneralSecurityException unusable) {
            throw new IOException(directory.resolve("tls.key") + " is not usable: " + unusable.getMessage(), unusable);
        }
    }

    /** The certificates of one PEM file, at least one; the error says in one sentence what is wrong with it. */
    public static List<X509Certificate> authorities(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        List<X509Certificate> authorities = certificates(read(file, directory == null ? file : directory), file);
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

    private static void requirePair(PublicKey certified, PrivateKey key, Path directory)
            throws GeneralSecurityException, IOException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] sample = "pgpod".getBytes(StandardCharsets.US_ASCII);
        boolean matches;
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(sample);
            matches = signature.verify(signed);
        } catch (java.security.InvalidKeyException | java.security.SignatureException otherKind) {
            matches = false;
        }
        if (!matches) {
            throw new IOException(directory.resolve("tls.key") + " does not belong to the certificate in tls.crt");
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
