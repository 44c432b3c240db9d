package org.pgpod.haagent.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.pgpod.core.pod.Credential;

/**
 * Proves that a promise, or the request for one, comes from a member of the cluster and was not changed on its way:
 * HMAC-SHA256 (RFC 2104) under the password of the replication role, which every member mounts and nobody else. Nothing
 * that is sent is secret.
 */
public final class PromiseSeal {
    private static final String ALGORITHM = "HmacSHA256";

    private final Credential secret;

    public PromiseSeal(Credential secret) {
        this.secret = secret;
    }

    /** The seal of these words in this order; no word may hold a line feed. */
    public String of(List<String> words) throws IOException {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.read().getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return HexFormat.of().formatHex(mac.doFinal(String.join("\n", words).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, impossible);
        }
    }

    /** Whether {@code seal} is that of {@code words}; takes as long for a wrong one as for the right one. */
    public boolean fits(String seal, List<String> words) throws IOException {
        return MessageDigest.isEqual(
                seal.getBytes(StandardCharsets.UTF_8), of(words).getBytes(StandardCharsets.UTF_8));
    }
}
