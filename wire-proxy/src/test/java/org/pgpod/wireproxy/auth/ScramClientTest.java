package org.pgpod.wireproxy.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.postgres.ScramSha256;

/** The example of RFC 7677 from both sides, and servers that cheat. */
class ScramClientTest {
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private final ScramClient client = new ScramClient(new LoginSecret.Password("pencil"), NONCE);

    private static ScramVerifier verifier() {
        byte[] salted = ScramSha256.saltedPassword("pencil", SALT, 4_096);
        Base64.Encoder base64 = Base64.getEncoder();
        return ScramVerifier.parse("SCRAM-SHA-256$4096:" + base64.encodeToString(SALT) + "$"
                        + base64.encodeToString(ScramSha256.hash(ScramSha256.clientKey(salted))) + ":"
                        + base64.encodeToString(ScramSha256.serverKey(salted)))
                .orElseThrow();
    }

    private static String challenge(int iterations) {
        return "r=" + NONCE + SERVER_NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=" + iterations;
    }

    private static String sent(ScramClient.Reply reply) {
        assertThat(reply).isInstanceOf(ScramClient.Reply.Send.class);
        return ((ScramClient.Reply.Send) reply).data();
    }

    @Test
    void theKeysThatAProofRevealsLogInAgain() {
        ScramKeys keys = admitted(client);
        assertThat(admitted(new ScramClient(keys, NONCE))).isNotNull();
    }

    /** Lets a client in and returns what the server then knows. */
    private static ScramKeys admitted(ScramClient client) {
        ScramServer server =
                ScramServer.of("user", Optional.of(verifier()), new byte[1], new ChannelBinding.NoTls(), SERVER_NONCE);
        String first = client.first();
        ScramServer.Reply question = server.answer(Unpooled.buffer()
                .writeBytes("SCRAM-SHA-256\0".getBytes(StandardCharsets.US_ASCII))
                .writeInt(first.length())
                .writeBytes(first.getBytes(StandardCharsets.US_ASCII)));
        String proof = sent(client.answer(((ScramServer.Reply.Continue) question).data()));
        ScramServer.Reply.Admitted admitted =
                (ScramServer.Reply.Admitted) server.answer(Unpooled.copiedBuffer(proof, StandardCharsets.US_ASCII));
        assertThat(client.verify(admitted.data())).isEqualTo(new ScramClient.Reply.Proved());
        return admitted.keys();
    }

    @Test
    void proofAndSignatureAreThoseOfTheRfc() {
        // RFC 7677, section 3, where the name is "user"; the proof here is made over an empty one, as libpq's is.
        ScramKeys keys = new LoginSecret.Password("pencil").keys(SALT, 4_096);
        byte[] exchanged = ("n=user,r=" + NONCE + "," + challenge(4_096) + ",c=biws,r=" + NONCE + SERVER_NONCE)
                .getBytes(StandardCharsets.US_ASCII);
        assertThat(Base64.getEncoder().encodeToString(keys.proof(exchanged)))
                .isEqualTo("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assertThat(Base64.getEncoder().encodeToString(keys.serverSignature(exchanged)))
                .isEqualTo("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assertThat(verifier().keysOf(keys.proof(exchanged), exchanged)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "r",
                "r=",
                "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOx",
                "r=rOprNGfwEbeRWgbNEkqOx,s=",
                "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOx,s=!,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AAAA",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=0",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=-1",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=100001",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=2147483647",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=99999999999",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=4096x",
                "e=other-error"
            })
    void aFirstMessageThatIsNotPlausibleIsGivenUp(String message) {
        assertThat(client.answer(message)).isInstanceOf(ScramClient.Reply.Failed.class);
        assertThat(client.verify("v=AAAA")).isInstanceOf(ScramClient.Reply.Failed.class);
    }

    @Test
    void aNonceWithoutEndIsGivenUp() {
        assertThat(client.answer("r=" + NONCE + "x".repeat(65_536) + ",s=AAAA,i=4096"))
                .isEqualTo(new ScramClient.Reply.Failed("the server's first SCRAM message is too long"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v", "v=", "v=AAAA", "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "e=other-error"})
    void aServerThatDoesNotKnowTheRoleIsNotBelieved(String last) {
        sent(client.answer(challenge(4_096)));
        assertThat(client.verify(last)).isInstanceOf(ScramClient.Reply.Failed.class);
    }

    @Test
    void aSignatureBeforeTheExchangeIsNotBelieved() {
        assertThat(client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="))
                .isInstanceOf(ScramClient.Reply.Failed.class);
    }

    @Test
    void keysDoNotDependOnTheNumberOfIterations() {
        ScramKeys keys = new LoginSecret.Password("pencil").keys(SALT, 1);
        sent(new ScramClient(keys, NONCE).answer(challenge(999_999_999)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "md5aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "SCRAM-SHA-256$0:AAAA$AAAA:AAAA",
                "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA",
                "SCRAM-SHA-256$9999999999:AAAA$AAAA:AAAA",
                "SCRAM-SHA-512$4096:AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
            })
    void whatIsNoVerifierIsNotTakenForOne(String stored) {
        assertThat(ScramVerifier.parse(stored)).isEmpty();
    }

    @Test
    void nothingSecretIsShown() {
        ScramKeys keys = new LoginSecret.Password("pencil").keys(SALT, 1);
        assertThat(keys + " " + verifier() + " " + new LoginSecret.Password("pencil"))
                .isEqualTo("ScramKeys[hidden] ScramVerifier[hidden] Password[hidden]");
    }
}
