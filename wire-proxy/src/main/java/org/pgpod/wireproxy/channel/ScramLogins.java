package org.pgpod.wireproxy.channel;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.postgres.ScramSha256;
import org.pgpod.wireproxy.auth.StoredPassword;

/** What the proxy needs to authenticate clients by itself. Serves all event loops. */
public final class ScramLogins {
    /** The role by which the proxy looks up passwords. */
    public static final String ROLE = "pgpod_proxy";

    private static final byte[] MOCK_PURPOSE = "pgpod mock salt".getBytes(StandardCharsets.US_ASCII);

    private final VerifierLookup lookup;
    private final byte[] mockSecret;

    private ScramLogins(VerifierLookup lookup, byte[] mockSecret) {
        this.lookup = lookup;
        this.mockSecret = mockSecret;
    }

    /** The credential of the role that looks up passwords must be there; Postgres need not be, yet. */
    public static ScramLogins of(Surroundings surroundings, Credential credential) throws IOException {
        // The same in every pod of a cluster, so that a role that does not exist has the same salt everywhere.
        byte[] secret = ScramSha256.hmac(credential.read().getBytes(StandardCharsets.UTF_8), MOCK_PURPOSE);
        return new ScramLogins(new VerifierLookup(surroundings, credential), secret);
    }

    byte[] mockSecret() {
        return mockSecret.clone();
    }

    /** Asks Postgres; the answer comes exactly once, on the given loop. */
    void find(String role, EventLoop answerOn, Consumer<StoredPassword> answer) {
        lookup.find(role, answerOn, answer);
    }
}
