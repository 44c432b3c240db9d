package org.pgpod.wireproxy.channel;

import java.util.Optional;
import org.pgpod.wireproxy.lease.Aim;
import org.pgpod.wireproxy.telemetry.ListenerName;
import org.pgpod.wireproxy.tls.ClientCertificates;
import org.pgpod.wireproxy.tls.ServerTls;

/**
 * One listener: who may come in by it and how.
 *
 * @param name which of them it is
 * @param tls what answers a request for TLS; empty answers no
 * @param certificates what is asked of clients' certificates, besides what {@code tls} asks of peers
 * @param encryption whether a session may begin without TLS
 * @param limit how many connections it has at most
 * @param arrivals what is asked of each before its first packet
 * @param forwardedLimit within which clients count that another pod sends through this door, if it may
 * @param logins what authenticates whoever comes in; empty leaves that to Postgres
 * @param pooling how clients share server connections; empty if each has its own
 * @param console the admin database; empty if there is none here
 */
public record Door(
        ListenerName name,
        Optional<ServerTls> tls,
        ClientCertificates certificates,
        Encryption encryption,
        ConnectionLimit limit,
        Arrivals arrivals,
        Optional<ConnectionLimit> forwardedLimit,
        Optional<ScramLogins> logins,
        Optional<Pooling> pooling,
        Optional<Console> console) {
    /** Which server those want who come in here. */
    Aim aim() {
        return switch (name) {
            case PRIMARY -> Aim.PRIMARY;
            case STANDBYS -> Aim.STANDBY;
            case CLIENTS, PEERS -> Aim.THIS_SERVER;
        };
    }

    /** Whether a session may begin without TLS. */
    public enum Encryption {
        OPTIONAL,
        REQUIRED
    }
}
