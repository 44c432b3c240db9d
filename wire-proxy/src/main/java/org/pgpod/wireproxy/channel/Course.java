package org.pgpod.wireproxy.channel;

import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.telemetry.RefusalReason;
import org.pgpod.wireproxy.tls.PeerProtocol;

/** What is to become of a client that wants a session. */
sealed interface Course {
    /** It waits until the lease is looked at again. */
    record Wait() implements Course {}

    record Refuse(RefusalReason reason, FatalError error) implements Course {}

    /** It goes to the server of this pod. */
    record Here(Standing standing, Stay stay) implements Course {}

    /** It goes to the server of another pod, an address with or without a port. */
    record Elsewhere(Standing standing, Stay stay, String pod, PeerProtocol protocol) implements Course {}
}
