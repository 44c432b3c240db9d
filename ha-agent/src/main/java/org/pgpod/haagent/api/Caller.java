package org.pgpod.haagent.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.client.AgentTls;

/**
 * Who may change something: whoever presents the bearer token of the mounted file as it is at that moment, or a client
 * certificate that an authority vouches for. Nobody may while there is neither; and nobody without TLS where there is TLS.
 */
final class Caller {
    private static final String SCHEME = "Bearer ";

    private final Credential token;
    private final Optional<AgentTls> tls;

    Caller(Credential token, Optional<AgentTls> tls) {
        this.token = token;
        this.tls = tls;
    }

    /** Why the request is not admitted; empty when it is. Its body is not looked at. */
    Optional<Reply> refusal(HttpExchange exchange) {
        if (tls.isPresent() && !(exchange instanceof HttpsExchange)) {
            return Optional.of(Reply.of(
                    Reply.FORBIDDEN,
                    "nothing is changed on this port: ask on the one of haAgent.restTlsPort, with TLS"));
        }
        return showsCertificate(exchange) ? Optional.empty() : refusalByToken(exchange);
    }

    private boolean certifies() {
        return tls.filter(AgentTls::asksForCertificates).isPresent();
    }

    private boolean showsCertificate(HttpExchange exchange) {
        if (!certifies() || !(exchange instanceof HttpsExchange secured)) {
            return false;
        }
        try {
            return secured.getSSLSession().getPeerCertificates() instanceof X509Certificate[] chain
                    && tls.orElseThrow().admits(chain);
        } catch (SSLPeerUnverifiedException none) {
            return false;
        }
    }

    private Optional<Reply> refusalByToken(HttpExchange exchange) {
        String expected;
        try {
            expected = token.read();
        } catch (IOException unreadable) {
            return Optional.of(
                    certifies()
                            ? Reply.of(Reply.UNAUTHORIZED, "a client certificate is missing")
                            : Reply.of(
                                    Reply.FORBIDDEN,
                                    "nothing can be changed over HTTP: " + unreadable.getMessage()
                                            + ", which must hold the token that callers present"));
        }
        String header = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                .orElse("");
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.of(Reply.of(
                    Reply.UNAUTHORIZED,
                    "the header 'Authorization: Bearer TOKEN' is missing"
                            + (certifies() ? ", and so is a client certificate" : "")));
        }
        // Digests are of one length, so that the time of the comparison tells nothing.
        boolean same = MessageDigest.isEqual(
                digest(expected), digest(header.substring(SCHEME.length()).strip()));
        return same ? Optional.empty() : Optional.of(Reply.of(Reply.UNAUTHORIZED, "the token is not the right one"));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }
}
