package org.pgpod.haagent.api;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.pgpod.core.pod.Credential;

/**
 * Who may change something: whoever presents the bearer token of the mounted file as it is at that moment. Nobody may
 * while there is no such file.
 */
final class Caller {
    private static final String SCHEME = "Bearer ";

    private final Credential token;

    Caller(Credential token) {
        this.token = token;
    }

    /** Why the request is not admitted; empty when it is. */
    Optional<Reply> refusal(HttpExchange exchange) {
        String expected;
        try {
            expected = token.read();
        } catch (IOException unreadable) {
            return Optional.of(Reply.of(
                    Reply.FORBIDDEN,
                    "nothing can be changed over HTTP: " + unreadable.getMessage()
                            + ", which must hold the token that callers present"));
        }
        String header = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                .orElse("");
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.of(Reply.of(Reply.UNAUTHORIZED, "the header 'Authorization: Bearer TOKEN' is missing"));
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
