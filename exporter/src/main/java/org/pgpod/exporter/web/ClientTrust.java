package org.pgpod.exporter.web;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Verifies certificates of clients by the authorities of the moment; accepts any where none are to be verified. */
final class ClientTrust extends X509ExtendedTrustManager {
    private final Supplier<TlsMaterial> now;

    ClientTrust(Supplier<TlsMaterial> now) {
        this.now = now;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        TlsMaterial material = now.get();
        Optional<X509ExtendedTrustManager> clients = material.clients();
        if (clients.isPresent()) {
            clients.get().checkClientTrusted(chain, authType);
        }
        Set<String> names = material.settings().clientNames();
        if (!names.isEmpty() && !bearsOneOf(chain[0], names)) {
            throw new CertificateException("the client's certificate bears no name of client_allowed_sans");
        }
    }

    private static boolean bearsOneOf(X509Certificate leaf, Set<String> names) throws CertificateException {
        Collection<List<?>> borne = leaf.getSubjectAlternativeNames();
        return borne != null
                && borne.stream().anyMatch(name -> names.contains(name.get(1).toString()));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this port only answers");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return now.get().authorities().toArray(X509Certificate[]::new);
    }
}
