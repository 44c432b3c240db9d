package org.pgpod.haagent.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.X509TrustManager;
import org.pgpod.core.tls.Authorities;
import org.pgpod.core.tls.CertificateFiles;
import org.pgpod.core.tls.CertificatePair;

/**
 * The certificates of one moment: what we show, and whom we believe.
 *
 * @param own what we show; empty for a caller that shows nothing
 * @param members who vouches for agents of the cluster
 * @param people who vouches for people that change something; empty while no certificate admits anybody
 */
record AgentCertificates(Optional<CertificatePair> own, X509TrustManager members, Optional<X509TrustManager> people) {
    private static final int DNS_NAME = 2;
    private static final int ADDRESS = 7;

    /** The directory holds {@code ca.crt}, and {@code tls.crt} with {@code tls.key} if something is to be shown. */
    static AgentCertificates load(Path directory, Optional<Path> clientAuthorities) throws IOException {
        if (!Files.exists(directory.resolve("tls.crt"))) {
            return new AgentCertificates(
                    Optional.empty(),
                    Authorities.trust(CertificateFiles.authorities(directory.resolve("ca.crt"))),
                    Optional.empty());
        }
        CertificatePair pair = CertificateFiles.load(directory);
        if (pair.authorities().isEmpty()) {
            throw new IOException(
                    "the certificate directory " + directory + " has no ca.crt, by which other agents are verified");
        }
        Optional<X509TrustManager> people = clientAuthorities.isEmpty()
                ? Optional.empty()
                : Optional.of(Authorities.trust(CertificateFiles.authorities(clientAuthorities.get())));
        return new AgentCertificates(Optional.of(pair), Authorities.trust(pair.authorities()), people);
    }

    /** Whether {@code leaf} bears a DNS name that our own certificate bears too. */
    boolean sharesName(X509Certificate leaf) throws CertificateException {
        if (own.isEmpty()) {
            return false;
        }
        Set<String> names = names(own.get().chain().getFirst(), DNS_NAME);
        return names(leaf, DNS_NAME).stream().anyMatch(names::contains);
    }

    /** Whether {@code leaf} bears that DNS name or address itself; wildcards stand for nothing here. */
    static boolean bears(X509Certificate leaf, String name) throws CertificateException {
        return names(leaf, DNS_NAME).contains(name.toLowerCase(java.util.Locale.ROOT))
                || names(leaf, ADDRESS).contains(name);
    }

    private static Set<String> names(X509Certificate certificate, int kind) throws CertificateParsingException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names == null
                ? Set.of()
                : names.stream()
                        .filter(name -> name.getFirst().equals(kind))
                        .map(name -> name.get(1).toString().toLowerCase(java.util.Locale.ROOT))
                        .collect(Collectors.toSet());
    }
}
