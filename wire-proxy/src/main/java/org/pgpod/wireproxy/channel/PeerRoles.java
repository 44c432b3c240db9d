package org.pgpod.wireproxy.channel;

import java.util.Set;
import org.pgpod.wireproxy.protocol.StartupMessage;

/** The roles that other pods of the cluster log in with; the peer listener serves no other. */
final class PeerRoles {
    private static final Set<String> SERVED = Set.of("pgpod_replication", "pgpod_rewind");

    private PeerRoles() {}

    static boolean serves(StartupMessage startup) {
        return SERVED.contains(startup.user());
    }
}
