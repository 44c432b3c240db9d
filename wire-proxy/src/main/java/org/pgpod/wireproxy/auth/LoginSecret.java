package org.pgpod.wireproxy.auth;

import org.pgpod.core.postgres.ScramSha256;

/** What the proxy can log in to Postgres with. Never shown. */
public sealed interface LoginSecret permits LoginSecret.Password, ScramKeys {
    /** The keys that prove this secret under a salt and a number of iterations that Postgres named. */
    ScramKeys keys(byte[] salt, int iterations);

    /** A password in clear. */
    record Password(String text) implements LoginSecret {
        @Override
        public ScramKeys keys(byte[] salt, int iterations) {
            byte[] salted = ScramSha256.saltedPassword(text, salt, iterations);
            return new ScramKeys(ScramSha256.clientKey(salted), ScramSha256.serverKey(salted));
        }

        @Override
        public String toString() {
            return "Password[hidden]";
        }
    }
}
