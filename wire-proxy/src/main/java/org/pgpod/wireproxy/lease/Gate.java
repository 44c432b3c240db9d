package org.pgpod.wireproxy.lease;

import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.telemetry.RefusalReason;

/** Decides whether a caller that has sent its startup packet may have a session. */
public sealed interface Gate {
    /** It may. */
    record Admitted() implements Gate {}

    /** It waits: a switchover holds new sessions of the primary. */
    record Held() implements Gate {}

    /** It may not, and is told why. */
    record Refused(RefusalReason reason, FatalError error) implements Gate {}

    /** The decision at this moment. */
    static Gate decide(LeaseView view, long nowMillis, Caller caller) {
        if (caller == Caller.PHYSICAL_REPLICATION) {
            return new Admitted();
        }
        if (!view.hasRoleAt(nowMillis)) {
            return view.reason().isEmpty()
                    ? refused(RefusalReason.LEASE_ENDED, "This server's lease to be primary has ended.")
                    : refused(RefusalReason.NO_LEASE, "In this pod " + view.reason() + ".");
        }
        return switch (view.phase()) {
            case OPEN -> new Admitted();
            case HOLD -> caller.isHeld() && view.holdsAt(nowMillis) ? held(view) : new Admitted();
            case CATCHUP ->
                caller == Caller.PEER
                        ? new Admitted()
                        : refused(RefusalReason.CATCHUP, "The new primary waits for its synchronous standbys.");
            case CUT -> refused(RefusalReason.CUT, "Sessions of this server are being cut.");
        };
    }

    // A former primary starts as a standby: whoever waited here for a primary would get one that refuses writes.
    private static Gate held(LeaseView view) {
        return view.role() == Role.PRIMARY
                ? new Held()
                : refused(RefusalReason.HOLD, "This server has been handed over; another becomes the primary.");
    }

    private static Refused refused(RefusalReason reason, String detail) {
        return new Refused(
                reason,
                new FatalError(
                        "57P03",
                        "the database system is not accepting connections",
                        detail,
                        "Connect again in a moment, by the name of the Service and not by the address of the pod."));
    }
}
