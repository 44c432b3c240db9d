package org.pgpod.wireproxy.auth;

import org.pgpod.core.postgres.ScramSha256;

/**
 * The ClientKey by which a role proves its password and the ServerKey by which Postgres proves that it knows the role: as
 * good as the password, as long as the role's verifier stays the same. Never shown.
 */
public final class ScramKeys implements LoginSecret {
    private final byte[] clientKey;
    private final byte[] serverKey;

    ScramKeys(byte[] clientKey, byte[] serverKey) {
        this.clientKey = clientKey.clone();
        this.serverKey = serverKey.clone();
    }

    /** These keys: a verifier's salt and iterations are part of them already. */
    @Override
    public ScramKeys keys(byte[] salt, int iterations) {
        return this;
    }

    byte[] proof(byte[] authenticationMessage) {
        return xor(clientKey, ScramSha256.hmac(ScramSha256.hash(clientKey), authenticationMessage));
    }

    byte[] serverSignature(byte[] authenticationMessage) {
        return ScramSha256.hmac(serverKey, authenticationMessage);
    }

    /** Both must have the length of a key. */
    static byte[] xor(byte[] one, byte[] other) {
        byte[] result = new byte[ScramSha256.KEY_BYTES];
        for (int i = 0; i < result.length; i++) {
            result[i] = (byte) (one[i] ^ other[i]);
        }
        return result;
    }

    @Override
    public String toString() {
        return "ScramKeys[hidden]";
    }
}
