package org.pgpod.wireproxy.tls;

import java.util.List;
import java.util.Optional;

/**
 * What a connection at the peers' port is for: its protocol name (ALPN). A pod that knows no name that is offered refuses the
 * connection.
 */
public enum PeerProtocol {
    /** The server connection of another pod's pool, which is asked to leave and never parked; before the others, to be preferred. */
    POOL("pgpod-pool"),
    /** A client that reads at the standby of this pod. */
    STANDBY("pgpod-standby"),
    /** A peer, or a client that wants the primary. */
    PLAIN(ServerTls.PROTOCOL_NAME);

    private final String wireName;

    PeerProtocol(String wireName) {
        this.wireName = wireName;
    }

    /** By the name that was agreed on; a connection without one is plain. */
    public static PeerProtocol of(Optional<String> agreed) {
        for (PeerProtocol protocol : values()) {
            if (agreed.filter(protocol.wireName::equals).isPresent()) {
                return protocol;
            }
        }
        return PLAIN;
    }

    /** What a client of this purpose offers. A pool can be served as a client, a reader cannot. */
    List<String> offered() {
        return this == POOL ? List.of(wireName, PLAIN.wireName) : List.of(wireName);
    }

    static List<String> all() {
        return List.of(POOL.wireName, STANDBY.wireName, PLAIN.wireName);
    }
}
