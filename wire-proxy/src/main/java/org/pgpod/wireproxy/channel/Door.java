package org.pgpod.wireproxy.channel;

import java.util.Optional;
import org.pgpod.wireproxy.telemetry.ListenerName;
import org.pgpod.wireproxy.tls.ServerTls;

/**
 * One listener: who may come in by it and how.
 *
 * @param name which of the two it is
 * @param tls what answers a request for TLS; empty answers no
 * @param encryption whether a session may begin without TLS
 * @param limit how many connections it has at most
 * @param arrivals what is asked of each before its first packet
 */
public record Door(
        ListenerName name, Optional<ServerTls> tls, Encryption encryption, ConnectionLimit limit, Arrivals arrivals) {
    /** Whether a session may begin without TLS. */
    public enum Encryption {
        OPTIONAL,
        REQUIRED
    }
}
