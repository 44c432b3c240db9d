package org.pgpod.wireproxy.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.pgpod.core.postgres.ScramSha256;
import org.pgpod.wireproxy.auth.ScramReader.MalformedException;

/**
 * The client's side of one SCRAM-SHA-256 exchange, without channel binding: for Postgres behind its Unix socket. Nothing is
 * believed before Postgres has proved that it knows the role, and no answer costs more than {@link #ITERATIONS_MAX}.
 */
public final class ScramClient {
    /** The mechanism that the server must offer. */
    public static final String MECHANISM = "SCRAM-SHA-256";

    /** The most that a password is hashed; a few dozen milliseconds. */
    public static final int ITERATIONS_MAX = 100_000;

    /** The longest message of a server that is looked at; those of Postgres have about 100 bytes. */
    public static final int MESSAGE_BYTES_MAX = 2_000;

    private static final String NO_BINDING = "n,,";

    /** What follows a message of the server. */
    public sealed interface Reply {
        /** SASLResponse is to be sent. */
        record Send(String data) implements Reply {}

        /** The server knows the role. */
        record Proved() implements Reply {}

        /** The login is to be given up. */
        record Failed(String reason) implements Reply {}
    }

    private final LoginSecret secret;
    private final String clientNonce;
    private ScramKeys keys;
    private byte[] exchanged = {};

    /** An exchange that has not begun; the nonce is random and printable, without commas. */
    public ScramClient(LoginSecret secret, String clientNonce) {
        this.secret = secret;
        this.clientNonce = clientNonce;
        this.keys = new ScramKeys(new byte[ScramSha256.KEY_BYTES], new byte[ScramSha256.KEY_BYTES]);
    }

    /** The data of the SASLInitialResponse. */
    public String first() {
        return NO_BINDING + firstBare();
    }

    private String firstBare() {
        // Postgres takes the name from the startup packet.
        return "n=,r=" + clientNonce;
    }

    /** Takes the data of AuthenticationSASLContinue. */
    public Reply answer(String serverFirst) {
        if (serverFirst.length() > MESSAGE_BYTES_MAX) {
            return new Reply.Failed("the server's first SCRAM message is too long");
        }
        try {
            ScramReader reader = new ScramReader(serverFirst);
            String nonce = reader.value('r');
            byte[] salt = Base64Text.decode(reader.value('s'));
            String iterations = reader.value('i');
            if (!nonce.startsWith(clientNonce) || nonce.length() == clientNonce.length()) {
                return new Reply.Failed("the server's nonce does not extend the proxy's");
            }
            if (salt.length == 0) {
                return new Reply.Failed("the server's salt is not Base64");
            }
            if (!isPossible(iterations)) {
                return new Reply.Failed("the server asks for an impossible number of iterations");
            }
            keys = secret.keys(salt, Integer.parseInt(iterations));
            String unproved = "c=" + Base64.getEncoder().encodeToString(NO_BINDING.getBytes(StandardCharsets.US_ASCII))
                    + ",r=" + nonce;
            exchanged = (firstBare() + "," + serverFirst + "," + unproved).getBytes(StandardCharsets.ISO_8859_1);
            return new Reply.Send(unproved + ",p=" + Base64.getEncoder().encodeToString(keys.proof(exchanged)));
        } catch (MalformedException malformed) {
            return new Reply.Failed("the server's first SCRAM message is malformed");
        }
    }

    /** Keys cost nothing, whatever their number of iterations; a password is hashed so often. */
    private boolean isPossible(String iterations) {
        return iterations.matches("[1-9][0-9]{0,8}")
                && (secret instanceof ScramKeys || Integer.parseInt(iterations) <= ITERATIONS_MAX);
    }

    /** Takes the data of AuthenticationSASLFinal. */
    public Reply verify(String serverFinal) {
        if (exchanged.length == 0) {
            return new Reply.Failed("the server ended the SCRAM exchange before it began");
        }
        try {
            byte[] signature = Base64Text.decode(new ScramReader(serverFinal).value('v'));
            return MessageDigest.isEqual(signature, keys.serverSignature(exchanged))
                    ? new Reply.Proved()
                    : new Reply.Failed("the server does not know the role's password");
        } catch (MalformedException malformed) {
            return new Reply.Failed("the server's last SCRAM message is malformed");
        }
    }
}
