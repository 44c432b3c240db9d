package org.pgpod.wireproxy.channel;

import java.security.SecureRandom;
import java.util.Base64;

/** Random texts that nobody can foresee, as long as those of Postgres. */
final class Nonces {
    private static final int BYTES = 18;

    private Nonces() {}

    static String next() {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }
}
