package org.pgpod.wireproxy.auth;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What of a client's connection can be bound to its authentication: {@code tls-server-end-point} of RFC 5929. */
public sealed interface ChannelBinding {
    String TYPE = "tls-server-end-point";

    /** The connection has no TLS. */
    record NoTls() implements ChannelBinding {}

    /** The connection has TLS, with a certificate whose signature names no hash function, such as Ed25519. */
    record Unbindable() implements ChannelBinding {}

    /** The connection has TLS, and its certificate has this hash. */
    final class Bound implements ChannelBinding {
        private final byte[] certificateHash;

        Bound(byte[] certificateHash) {
            this.certificateHash = certificateHash;
        }

        byte[] certificateHash() {
            return certificateHash.clone();
        }
    }

    /** The binding of a connection with TLS in whose handshake this certificate was shown. */
    static ChannelBinding of(X509Certificate shown) {
        Matcher name = Names.SIGNATURE.matcher(shown.getSigAlgName().toUpperCase(Locale.ROOT));
        // RSASSA-PSS names its hash elsewhere, where libpq before 16 does not find it and gives up.
        if (!name.matches()) {
            return new Unbindable();
        }
        String digest = switch (name.group(1)) {
            case "MD5", "SHA1" -> "SHA-256";
            default -> "SHA-" + name.group(1).substring("SHA".length());
        };
        try {
            return new Bound(MessageDigest.getInstance(digest).digest(shown.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException unusual) {
            return new Unbindable();
        }
    }

    /** How the JDK names signature algorithms. */
    final class Names {
        private static final Pattern SIGNATURE =
                Pattern.compile("(MD5|SHA1|SHA224|SHA256|SHA384|SHA512)WITH(?:RSA|ECDSA|DSA)");

        private Names() {}
    }
}
