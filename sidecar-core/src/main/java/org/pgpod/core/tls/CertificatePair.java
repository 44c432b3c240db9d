package org.pgpod.core.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A certificate chain with its private key and the authorities it trusts; the key belongs to the first certificate.
 *
 * @param chain the leaf first, then its issuers; never empty
 * @param key the leaf's private key
 * @param authorities the content of {@code ca.crt}; may be empty
 * @param digest SHA-256 over the files, hexadecimal; two pairs are equal exactly if their digests are
 */
public record CertificatePair(
        List<X509Certificate> chain, PrivateKey key, List<X509Certificate> authorities, String digest) {
    public CertificatePair {
        chain = List.copyOf(chain);
        authorities = List.copyOf(authorities);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a certificate chain has at least one certificate");
        }
    }

    public Instant expiresAt() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    @Override
    public String toString() {
        return "CertificatePair[" + chain.getFirst().getSubjectX500Principal() + ", " + digest + "]";
    }
}
