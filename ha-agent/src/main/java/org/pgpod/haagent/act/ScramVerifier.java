package org.pgpod.haagent.act;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.core.postgres.ScramSha256;

/**
 * The form in which Postgres stores a password for SCRAM-SHA-256 (RFC 5803, RFC 7677): computed here, so that the password
 * itself is never sent, logged, or kept by the server.
 */
record ScramVerifier(String text) {
    private static final Pattern FORM =
            Pattern.compile("SCRAM-SHA-256\\$(\\d{1,7}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");
    private static final int ITERATIONS = 4_096;
    private static final int SALT_BYTES = 16;

    /** A verifier with a fresh salt. */
    static ScramVerifier of(String password) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return compute(password, salt, ITERATIONS);
    }

    /** Whether the stored text is a verifier of {@code password}. */
    static boolean matches(Optional<String> stored, String password) {
        Matcher matcher = FORM.matcher(stored.orElse(""));
        if (!matcher.matches()) {
            return false;
        }
        ScramVerifier own =
                compute(password, Base64.getDecoder().decode(matcher.group(2)), Integer.parseInt(matcher.group(1)));
        return MessageDigest.isEqual(
                own.text().getBytes(StandardCharsets.US_ASCII),
                stored.orElse("").getBytes(StandardCharsets.US_ASCII));
    }

    private static ScramVerifier compute(String password, byte[] salt, int iterations) {
        byte[] salted = ScramSha256.saltedPassword(password, salt, iterations);
        byte[] storedKey = ScramSha256.hash(ScramSha256.clientKey(salted));
        Base64.Encoder base64 = Base64.getEncoder();
        return new ScramVerifier("SCRAM-SHA-256$" + iterations + ":" + base64.encodeToString(salt) + "$"
                + base64.encodeToString(storedKey) + ":" + base64.encodeToString(ScramSha256.serverKey(salted)));
    }

    @Override
    public String toString() {
        return "ScramVerifier[hidden]";
    }
}
