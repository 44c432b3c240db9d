package org.pgpod.haagent.client;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Verifies certificates by the authorities of the moment. Pods are reached by addresses that no certificate holds, so an
 * agent is known by a name that its certificate shares with our own; to a name that is given, nothing else is believed.
 */
final class AgentTrust extends X509ExtendedTrustManager {
    private static final String ANY_KEY = "UNKNOWN";

    private final Supplier<AgentCertificates> now;
    private final Optional<String> serverName;

    AgentTrust(Supplier<AgentCertificates> now, Optional<String> serverName) {
        this.now = now;
        this.serverName = serverName;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        verifyServer(chain, authType, String.valueOf(engine.getPeerHost()));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        verifyServer(chain, authType, socket.getInetAddress().getHostAddress());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("an agent cannot be verified without knowing where it was reached");
    }

    private void verifyServer(X509Certificate[] chain, String authType, String host) throws CertificateException {
        AgentCertificates certificates = now.get();
        certificates.members().checkServerTrusted(chain, authType);
        X509Certificate leaf = chain[0];
        boolean known = serverName.isPresent()
                ? AgentCertificates.bears(leaf, serverName.get())
                : AgentCertificates.bears(leaf, host) || certificates.sharesName(leaf);
        if (!known) {
            throw new CertificateException("the certificate of " + host + " bears "
                    + serverName
                            .map(name -> "no name " + name)
                            .orElse("neither that address nor a name of our own certificate"));
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        if (!admits(chain)) {
            throw new CertificateException("the client's certificate is neither that of a person nor of an agent");
        }
    }

    boolean admits(X509Certificate[] chain) {
        AgentCertificates certificates = now.get();
        return certificates.people().filter(people -> verifies(people, chain)).isPresent()
                || isAgent(certificates, chain);
    }

    private static boolean isAgent(AgentCertificates certificates, X509Certificate[] chain) {
        try {
            return certificates.sharesName(chain[0]) && verifies(certificates.members(), chain);
        } catch (CertificateException unreadable) {
            return false;
        }
    }

    private static boolean verifies(javax.net.ssl.X509TrustManager authorities, X509Certificate[] chain) {
        try {
            authorities.checkClientTrusted(chain, ANY_KEY);
            return true;
        } catch (CertificateException refused) {
            return false;
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        AgentCertificates certificates = now.get();
        List<X509Certificate> issuers =
                new ArrayList<>(List.of(certificates.members().getAcceptedIssuers()));
        certificates.people().ifPresent(people -> issuers.addAll(List.of(people.getAcceptedIssuers())));
        return issuers.toArray(X509Certificate[]::new);
    }
}
