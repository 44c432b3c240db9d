package org.pgpod.haagent.act;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The form in which Postgres stores a password for SCRAM-SHA-256 (RFC 5803, RFC 7677): computed here, so that the password
 * itself is never sent, logged, or kept by the server.
 */
record ScramVerifier(String text) {
    private static final Pattern FORM =
            Pattern.compile("SCRAM-SHA-256\\$(\\d{1,7}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");
    private static final int ITERATIONS = 4_096;
    private static final int SALT_BYTES = 16;
    private static final int KEY_BITS = 256;

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
        try {
            PBEKeySpec specification = new PBEKeySpec(prepared(password).toCharArray(), salt, iterations, KEY_BITS);
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(specification)
                    .getEncoded();
            byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(hmac(salted, "Client Key"));
            byte[] serverKey = hmac(salted, "Server Key");
            Base64.Encoder base64 = Base64.getEncoder();
            return new ScramVerifier("SCRAM-SHA-256$" + iterations + ":" + base64.encodeToString(salt) + "$"
                    + base64.encodeToString(storedKey) + ":" + base64.encodeToString(serverKey));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }

    private static byte[] hmac(byte[] key, String message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message.getBytes(StandardCharsets.US_ASCII));
    }

    /** What SASLprep (RFC 4013) does to passwords that it allows: other spaces become spaces, then NFKC. */
    private static String prepared(String password) {
        return Normalizer.normalize(password.replaceAll("\\p{Zs}", " "), Normalizer.Form.NFKC);
    }

    @Override
    public String toString() {
        return "ScramVerifier[hidden]";
    }
}
