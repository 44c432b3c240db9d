package org.pgpod.wireproxy.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;

/**
 * Which TLS a listener speaks.
 *
 * @param versions the protocols, by their names in the JDK
 * @param suitesOfTls12 the cipher suites of TLS 1.2, the preferred one first; empty for all that the library deems safe
 */
public record TlsPolicy(List<String> versions, List<String> suitesOfTls12) {
    public static final String TLS_1_2 = "TLSv1.2";
    public static final String TLS_1_3 = "TLSv1.3";

    /** Those of TLS 1.3, all of which are safe; BoringSSL lets nobody choose among them. */
    private static final List<String> SUITES_OF_TLS_1_3 =
            List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256");

    public TlsPolicy {
        versions = List.copyOf(versions);
        suitesOfTls12 = List.copyOf(suitesOfTls12);
    }

    /** From this version on, with these suites in TLS 1.2; the error names a suite that the library does not have. */
    public static TlsPolicy from(String leastVersion, List<String> suitesOfTls12, SslProvider provider)
            throws IOException {
        Set<String> known = provider == SslProvider.JDK ? suitesOfJdk() : OpenSsl.availableJavaCipherSuites();
        for (String suite : suitesOfTls12) {
            if (!known.contains(suite) || SUITES_OF_TLS_1_3.contains(suite)) {
                throw new IOException("wireProxy.tlsCiphers names " + suite
                        + ", which is not a cipher suite of TLS 1.2 that this process has, such as"
                        + " TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
            }
        }
        return new TlsPolicy(
                leastVersion.equals(TLS_1_3) ? List.of(TLS_1_3) : List.of(TLS_1_3, TLS_1_2), suitesOfTls12);
    }

    private static Set<String> suitesOfJdk() {
        try {
            return Set.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has TLS", missing);
        }
    }

    /** All suites to be offered; empty for the library's own choice. */
    List<String> suites() {
        if (suitesOfTls12.isEmpty()) {
            return List.of();
        }
        List<String> suites = new ArrayList<>(SUITES_OF_TLS_1_3);
        suites.addAll(suitesOfTls12);
        return suites;
    }
}
