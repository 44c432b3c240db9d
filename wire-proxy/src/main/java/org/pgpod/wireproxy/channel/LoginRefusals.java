package org.pgpod.wireproxy.channel;

import org.pgpod.wireproxy.protocol.FatalError;

/** Why the proxy does not log a client in, in Postgres's words where Postgres has some. */
final class LoginRefusals {
    private static final String NOT_ACCEPTING = "the database system is not accepting connections";
    private static final String LOG_SAYS_WHY = "Connect again in a moment; the proxy's log says why.";

    private LoginRefusals() {}

    static FatalError noRole() {
        return new FatalError("28000", "no PostgreSQL user name specified in startup packet", "", "");
    }

    static FatalError loginFailed() {
        return new FatalError("57P03", NOT_ACCEPTING, "The proxy cannot log in to Postgres.", LOG_SAYS_WHY);
    }

    static FatalError passwordsUnknown() {
        return new FatalError("57P03", NOT_ACCEPTING, "The proxy cannot look up passwords.", LOG_SAYS_WHY);
    }

    static FatalError passwordFormUnusable(String role) {
        return new FatalError(
                "28P01",
                "password authentication failed for user \"" + role + "\"",
                "The password is not stored in the form of SCRAM-SHA-256.",
                "Set the password anew while password_encryption is scram-sha-256.");
    }

    static FatalError notSasl(int messageType) {
        return new FatalError("08P01", "expected SASL response, got message type " + messageType, "", "");
    }
}
