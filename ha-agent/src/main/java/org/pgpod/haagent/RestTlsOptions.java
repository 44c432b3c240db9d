package org.pgpod.haagent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.haagent.client.AgentTls;

/**
 * How REST is protected besides by the token.
 *
 * @param port of every agent of the cluster; empty for no TLS
 * @param certificates laid out like a cert-manager Secret; empty for the peer certificate
 * @param clientAuthorities who vouches for the certificates of people; empty for the token alone
 */
record RestTlsOptions(OptionalInt port, Optional<Path> certificates, Optional<Path> clientAuthorities) {
    private static final int PORT_MAX = 65_535;

    static final Option<OptionalInt> PORT = Options.<OptionalInt>of(
                    "restTlsPort",
                    "a whole number from 1 to " + PORT_MAX + ", or empty for none",
                    "The port where every agent of the cluster serves REST over TLS, the same on all of them. Requests that"
                            + " change something are then taken there only.",
                    RestTlsOptions::port)
            .withDefault("");
    static final Option<Optional<Path>> CERTIFICATES = Options.optionalPath(
            "restCertificateDirectory",
            "The mounted cert-manager Secret with the certificate of REST, and in `ca.crt` the authority by which agents"
                    + " verify each other. Empty: the peer certificate. Replacing the Secret replaces the certificate.");
    static final Option<Optional<Path>> CLIENT_CA = Options.optionalPath(
            "restClientCa",
            "The authorities, as PEM, whose certificates admit people to change something, besides the token. Needs"
                    + " `restTlsPort`.");

    private static OptionalInt port(String text) {
        if (text.isBlank()) {
            return OptionalInt.empty();
        }
        int port = Integer.parseInt(text);
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("out of bounds");
        }
        return OptionalInt.of(port);
    }

    static RestTlsOptions from(Values values) {
        return new RestTlsOptions(values.get(PORT), values.get(CERTIFICATES), values.get(CLIENT_CA));
    }

    /** What contradicts itself; empty when nothing does. */
    Optional<String> problem(int adminPort) {
        if (clientAuthorities.isPresent() && port.isEmpty()) {
            return Optional.of(
                    "haAgent.restClientCa is set, but without haAgent.restTlsPort nobody can show a certificate");
        }
        return port.isPresent() && port.getAsInt() == adminPort
                ? Optional.of("haAgent.restTlsPort is " + adminPort + "; it must be another port than adminPort")
                : Optional.empty();
    }

    /** The certificates as they are now, followed from now on; empty without a port for them. */
    Optional<AgentTls> open(Path peerCertificates) throws IOException {
        return port.isPresent()
                ? Optional.of(AgentTls.ofAgent(certificates.orElse(peerCertificates), clientAuthorities))
                : Optional.empty();
    }
}
