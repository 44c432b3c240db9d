package org.pgpod.core.tls;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Private keys in the three PEM forms that cert-manager writes: PKCS#8, PKCS#1 (RSA) and SEC1 (EC).
 *
 * <p>The older two are wrapped into PKCS#8 (RFC 5208, RFC 5915), which is what the JDK reads.
 */
final class PrivateKeys {
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final byte[] RSA_ALGORITHM = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    private static final byte[] EC_PUBLIC_KEY_OID = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
    };
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int CURVE_PARAMETERS = 0xa0;

    private PrivateKeys() {}

    static PrivateKey parse(String pem) throws GeneralSecurityException {
        Matcher matcher = PEM.matcher(pem);
        while (matcher.find()) {
            byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
            switch (matcher.group(1)) {
                case "PRIVATE KEY" -> {
                    return pkcs8(der);
                }
                case "RSA PRIVATE KEY" -> {
                    return pkcs8(wrap(RSA_ALGORITHM, der));
                }
                case "EC PRIVATE KEY" -> {
                    return pkcs8(wrap(element(SEQUENCE, concat(EC_PUBLIC_KEY_OID, curveOf(der))), der));
                }
                case "ENCRYPTED PRIVATE KEY" -> throw new InvalidKeySpecException("the key is encrypted");
                default -> {
                    // Another kind of block in the same file, such as DSA: look further.
                }
            }
        }
        throw new InvalidKeySpecException("no PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY block");
    }

    private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
        for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException otherAlgorithm) {
                // The form does not say which algorithm it holds before it is parsed: try the next.
            }
        }
        throw new InvalidKeySpecException("the key is neither RSA nor EC nor Ed25519");
    }

    private static byte[] wrap(byte[] algorithm, byte[] key) {
        return element(SEQUENCE, concat(VERSION_0, concat(algorithm, element(OCTET_STRING, key))));
    }

    /** The curve's OID element: the content of ECPrivateKey's [0], after the version and the private octets. */
    private static byte[] curveOf(byte[] der) throws InvalidKeySpecException {
        try {
            int at = contentStart(der, 0);
            at = next(der, next(der, at));
            if ((der[at] & 0xff) != CURVE_PARAMETERS) {
                throw new InvalidKeySpecException("the EC key does not name its curve");
            }
            int start = contentStart(der, at);
            return java.util.Arrays.copyOfRange(der, start, next(der, at));
        } catch (ArrayIndexOutOfBoundsException truncated) {
            throw new InvalidKeySpecException("the EC key is truncated", truncated);
        }
    }

    private static int contentStart(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
    }

    private static int next(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        int length = first;
        if (first >= 0x80) {
            length = 0;
            for (int i = 0; i < (first & 0x7f); i++) {
                length = (length << 8) | (der[at + 2 + i] & 0xff);
            }
        }
        return contentStart(der, at) + length;
    }

    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = java.util.Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
