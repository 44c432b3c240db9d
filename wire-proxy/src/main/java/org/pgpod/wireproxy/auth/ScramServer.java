package org.pgpod.wireproxy.auth;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.ScramSha256;
import org.pgpod.wireproxy.auth.ScramReader.MalformedException;
import org.pgpod.wireproxy.protocol.FatalError;

/**
 * The server's side of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS exchange (RFC 5802, RFC 7677), with the answers and errors of
 * Postgres. Nobody is admitted without a proof made with the password, over this very connection where the client could
 * bind itself to it. A role without a verifier is answered like one whose password is wrong.
 */
public final class ScramServer {
    /** The longest body of a client's message; with its length field that is 1,024, as in Postgres. */
    public static final int MESSAGE_BYTES_MAX = 1_020;

    private static final String UNBOUND = "SCRAM-SHA-256";
    private static final String BOUND = "SCRAM-SHA-256-PLUS";

    /** What follows a message of the client; texts have one character for each byte. */
    public sealed interface Reply {
        /** AuthenticationSASLContinue is to be sent. */
        record Continue(String data) implements Reply {}

        /** AuthenticationSASLFinal is to be sent: the client is who it says, and these are its keys. */
        record Admitted(String data, ScramKeys keys) implements Reply {}

        /** The connection is to be closed with this error. */
        record Refused(FatalError error) implements Reply {}
    }

    private enum Awaiting {
        MECHANISM,
        FIRST_MESSAGE,
        PROOF,
        NOTHING
    }

    private final String role;
    private final ScramVerifier verifier;
    private final ChannelBinding channel;
    private final String serverNonce;
    private Awaiting awaiting = Awaiting.MECHANISM;
    private boolean bound;
    private char bindingFlag;
    private String nonce = "";
    private String clientFirstBare = "";
    private String serverFirst = "";

    private ScramServer(String role, ScramVerifier verifier, ChannelBinding channel, String serverNonce) {
        this.role = role;
        this.verifier = verifier;
        this.channel = channel;
        this.serverNonce = serverNonce;
    }

    /**
     * An exchange that has not begun.
     *
     * @param mockSecret makes the salts of roles without a verifier: the same in all pods of a cluster, known to nobody
     * @param serverNonce random and printable, without commas
     */
    public static ScramServer of(
            String role,
            Optional<ScramVerifier> verifier,
            byte[] mockSecret,
            ChannelBinding channel,
            String serverNonce) {
        return new ScramServer(
                role, verifier.orElseGet(() -> ScramVerifier.mock(role, mockSecret)), channel, serverNonce);
    }

    /** The mechanisms to be offered, the preferred one first. */
    public List<String> mechanisms() {
        return channel instanceof ChannelBinding.Bound ? List.of(BOUND, UNBOUND) : List.of(UNBOUND);
    }

    /** Takes the body of a client's message. */
    public Reply answer(ByteBuf body) {
        try {
            return switch (awaiting) {
                case MECHANISM -> initial(SaslInitialResponse.read(body));
                case FIRST_MESSAGE -> first(text(body));
                case PROOF -> last(text(body));
                case NOTHING -> throw new IllegalStateException("the exchange is over");
            };
        } catch (MalformedException malformed) {
            awaiting = Awaiting.NOTHING;
            return new Reply.Refused(malformed.error());
        }
    }

    /** Takes a message whose length is not one that may be read, which for Postgres is a wrong password. */
    public Reply unreadable() {
        awaiting = Awaiting.NOTHING;
        return new Reply.Refused(passwordFailed(role));
    }

    private static String text(ByteBuf body) {
        return body.readCharSequence(body.readableBytes(), StandardCharsets.ISO_8859_1)
                .toString();
    }

    private Reply initial(SaslInitialResponse response) throws MalformedException {
        bound = response.mechanism().equals(BOUND) && channel instanceof ChannelBinding.Bound;
        if (!bound && !response.mechanism().equals(UNBOUND)) {
            throw new MalformedException(
                    ScramReader.violation("client selected an invalid SASL authentication mechanism", ""));
        }
        if (response.data().isEmpty()) {
            awaiting = Awaiting.FIRST_MESSAGE;
            return new Reply.Continue("");
        }
        return first(response.data().get());
    }

    private Reply first(String message) throws MalformedException {
        requireText(message);
        ScramReader reader = new ScramReader(message);
        readBindingFlag(reader);
        if (reader.peek() == 'a') {
            throw unsupported("client uses authorization identity, but it is not supported");
        }
        if (reader.peek() != ',') {
            throw ScramReader.malformed(
                    "Unexpected attribute \"" + ScramReader.shown(reader.peek()) + "\" in client-first-message.");
        }
        reader.skip();
        clientFirstBare = message.substring(reader.position());
        if (reader.peek() == 'm') {
            throw unsupported("client requires an unsupported SCRAM extension");
        }
        // Postgres, too, goes by the role of the startup packet.
        reader.value('n');
        String clientNonce = reader.value('r');
        if (!isPrintable(clientNonce)) {
            throw new MalformedException(ScramReader.violation("non-printable characters in SCRAM nonce", ""));
        }
        while (!reader.atEnd()) {
            reader.valueOf(reader.anyAttribute());
        }
        nonce = clientNonce + serverNonce;
        serverFirst = "r=" + nonce + ",s=" + verifier.salt() + ",i=" + verifier.iterations();
        awaiting = Awaiting.PROOF;
        return new Reply.Continue(serverFirst);
    }

    private void readBindingFlag(ScramReader reader) throws MalformedException {
        bindingFlag = reader.peek();
        switch (bindingFlag) {
            case 'n', 'y' -> {
                if (bound) {
                    throw ScramReader.malformed("The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not"
                            + " include channel binding data.");
                }
                if (bindingFlag == 'y' && channel instanceof ChannelBinding.Bound) {
                    // Somebody in the middle has taken the stronger mechanism out of the list.
                    throw new MalformedException(new FatalError(
                            "28000",
                            "SCRAM channel binding negotiation error",
                            "The client supports SCRAM channel binding but thinks the server does not.  However, this"
                                    + " server does support channel binding.",
                            ""));
                }
                reader.skip();
                reader.comma();
            }
            case 'p' -> readBindingType(reader);
            default ->
                throw ScramReader.malformed(
                        "Unexpected channel-binding flag \"" + ScramReader.shown(bindingFlag) + "\".");
        }
    }

    private void readBindingType(ScramReader reader) throws MalformedException {
        if (!bound) {
            throw ScramReader.malformed(
                    "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message"
                            + " includes channel binding data.");
        }
        String type = reader.value('p');
        if (!type.equals(ChannelBinding.TYPE)) {
            throw new MalformedException(
                    ScramReader.violation("unsupported SCRAM channel-binding type \"" + printable(type) + "\"", ""));
        }
    }

    private Reply last(String message) throws MalformedException {
        awaiting = Awaiting.NOTHING;
        requireText(message);
        ScramReader reader = new ScramReader(message);
        requireBinding(reader.value('c'));
        String clientFinalNonce = reader.value('r');
        int proofAt;
        char attribute;
        String value;
        do {
            proofAt = reader.position() - 1;
            attribute = reader.anyAttribute();
            value = reader.valueOf(attribute);
        } while (attribute != 'p');
        byte[] proof = Base64Text.decode(value);
        if (proof.length != ScramSha256.KEY_BYTES) {
            throw ScramReader.malformed("Malformed proof in client-final-message.");
        }
        if (!reader.atEnd()) {
            throw ScramReader.malformed("Garbage found at the end of client-final-message.");
        }
        if (!clientFinalNonce.equals(nonce)) {
            throw new MalformedException(ScramReader.violation("invalid SCRAM response", "Nonce does not match."));
        }
        String exchanged = clientFirstBare + "," + serverFirst + "," + message.substring(0, proofAt);
        return judge(proof, exchanged.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void requireBinding(String given) throws MalformedException {
        if (bound && channel instanceof ChannelBinding.Bound binding) {
            if (!given.equals(expected("p=" + ChannelBinding.TYPE + ",,", binding.certificateHash()))) {
                throw new MalformedException(new FatalError("28000", "SCRAM channel binding check failed", "", ""));
            }
        } else if (!given.equals(expected(bindingFlag + ",,", new byte[0]))) {
            throw new MalformedException(
                    ScramReader.violation("unexpected SCRAM channel-binding attribute in client-final-message", ""));
        }
    }

    private static String expected(String header, byte[] bindingData) {
        byte[] start = header.getBytes(StandardCharsets.US_ASCII);
        byte[] whole = java.util.Arrays.copyOf(start, start.length + bindingData.length);
        System.arraycopy(bindingData, 0, whole, start.length, bindingData.length);
        return Base64.getEncoder().encodeToString(whole);
    }

    private Reply judge(byte[] proof, byte[] exchanged) {
        Optional<ScramKeys> proved = verifier.keysOf(proof, exchanged);
        if (proved.isEmpty()) {
            return new Reply.Refused(passwordFailed(role));
        }
        byte[] signature = proved.get().serverSignature(exchanged);
        return new Reply.Admitted("v=" + Base64.getEncoder().encodeToString(signature), proved.get());
    }

    /** What Postgres says to a wrong password. */
    private static FatalError passwordFailed(String role) {
        return new FatalError("28P01", "password authentication failed for user \"" + role + "\"", "", "");
    }

    private static void requireText(String message) throws MalformedException {
        if (message.isEmpty()) {
            throw ScramReader.malformed("The message is empty.");
        }
        if (message.indexOf('\0') >= 0) {
            throw ScramReader.malformed("Message length does not match input length.");
        }
    }

    private static MalformedException unsupported(String message) {
        return new MalformedException(new FatalError("0A000", message, "", ""));
    }

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(character -> character >= 0x21 && character <= 0x7e && character != ',');
    }

    /** How Postgres shows a text that may not be printable. */
    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.chars().limit(30).forEach(c -> shown.append(c >= 0x21 && c <= 0x7e ? (char) c : '?'));
        return shown.toString();
    }
}
