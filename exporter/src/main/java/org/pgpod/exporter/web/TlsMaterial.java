package org.pgpod.exporter.web;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509ExtendedTrustManager;
import org.pgpod.core.tls.Authorities;
import org.pgpod.core.tls.CertificateFiles;
import org.pgpod.core.tls.CertificatePair;

/**
 * What the files of {@code tls_server_config} held at one moment.
 *
 * @param authorities of clients
 * @param clients verifies these; empty when no client is verified
 */
record TlsMaterial(
        TlsSettings settings,
        CertificatePair pair,
        List<X509Certificate> authorities,
        Optional<X509ExtendedTrustManager> clients) {

    /** Reads the files; the error says in one sentence which is wrong and why. */
    static TlsMaterial load(TlsSettings settings) throws IOException {
        CertificatePair pair = CertificateFiles.load(settings.certificate(), settings.key());
        if (settings.clientAuthorities().isEmpty()) {
            return new TlsMaterial(settings, pair, List.of(), Optional.empty());
        }
        List<X509Certificate> authorities =
                CertificateFiles.authorities(settings.clientAuthorities().get());
        return new TlsMaterial(settings, pair, authorities, Optional.of(Authorities.trust(authorities)));
    }

    boolean sameAs(TlsMaterial other) {
        return settings.equals(other.settings)
                && pair.digest().equals(other.pair.digest())
                && authorities.equals(other.authorities);
    }
}
