package org.pgpod.wireproxy.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.core.postgres.ScramSha256;

/** What Postgres stores of a password (RFC 5803): enough to judge a proof, not enough to make one. Never shown. */
public final class ScramVerifier {
    private static final Pattern FORM =
            Pattern.compile("SCRAM-SHA-256\\$(\\d{1,9}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");

    /** Salts of Postgres have 16 bytes. */
    private static final int SALT_BYTES_MAX = 256;

    private static final int MOCK_SALT_BYTES = 16;

    /** Postgres's own default. */
    private static final int MOCK_ITERATIONS = 4_096;

    private final int iterations;
    private final String salt;
    private final byte[] storedKey;
    private final byte[] serverKey;

    private ScramVerifier(int iterations, String salt, byte[] storedKey, byte[] serverKey) {
        this.iterations = iterations;
        this.salt = salt;
        this.storedKey = storedKey;
        this.serverKey = serverKey;
    }

    /** Reads {@code pg_authid.rolpassword}; empty for anything that is not a whole verifier. */
    public static Optional<ScramVerifier> parse(String stored) {
        Matcher matcher = FORM.matcher(stored);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int iterations = Integer.parseInt(matcher.group(1));
        byte[] storedKey = Base64Text.decode(matcher.group(3));
        byte[] serverKey = Base64Text.decode(matcher.group(4));
        byte[] salt = Base64Text.decode(matcher.group(2));
        boolean whole = iterations > 0
                && salt.length > 0
                && salt.length <= SALT_BYTES_MAX
                && storedKey.length == ScramSha256.KEY_BYTES
                && serverKey.length == ScramSha256.KEY_BYTES;
        return whole
                ? Optional.of(new ScramVerifier(iterations, matcher.group(2), storedKey, serverKey))
                : Optional.empty();
    }

    /**
     * One for a role that has none, which no proof satisfies. The same role always gets the same salt from the same
     * secret, like one that exists.
     */
    static ScramVerifier mock(String role, byte[] secret) {
        byte[] digest = ScramSha256.hmac(secret, role.getBytes(StandardCharsets.UTF_8));
        String salt = Base64.getEncoder().encodeToString(Arrays.copyOf(digest, MOCK_SALT_BYTES));
        byte[] unknown = new byte[ScramSha256.KEY_BYTES];
        return new ScramVerifier(MOCK_ITERATIONS, salt, unknown, unknown);
    }

    int iterations() {
        return iterations;
    }

    /** In Base64. */
    String salt() {
        return salt;
    }

    /** The keys of whoever made the proof, if the proof is right. */
    Optional<ScramKeys> keysOf(byte[] proof, byte[] authenticationMessage) {
        byte[] clientKey = ScramKeys.xor(proof, ScramSha256.hmac(storedKey, authenticationMessage));
        boolean right = MessageDigest.isEqual(ScramSha256.hash(clientKey), storedKey);
        return right ? Optional.of(new ScramKeys(clientKey, serverKey)) : Optional.empty();
    }

    @Override
    public String toString() {
        return "ScramVerifier[hidden]";
    }
}
