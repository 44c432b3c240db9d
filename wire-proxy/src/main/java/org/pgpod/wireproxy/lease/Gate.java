package org.pgpod.wireproxy.lease;

import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.telemetry.RefusalReason;

/** Decides whether a caller that has sent its startup packet may have a session. */
public sealed interface Gate {
    /** It may. */
    record Admitted() implements Gate {}

    /** It waits: a switchover holds new sessions, until the new primary is known. */
    record Held() implements Gate {}

    /** It may not, and is told why. */
    record Refused(RefusalReason reason, FatalError error) implements Gate {}

    /** The decision at this moment. */
    static Gate decide(LeaseView view, long nowMillis, Caller caller) {
        if (caller == Caller.PHYSICAL_REPLICATION) {
            return new Admitted();
        }
        if (caller.isHeld()
                && view.holdsAt(nowMillis)
                && (view.role() != Role.PRIMARY || view.isPrimaryAt(nowMillis))) {
            return new Held();
        }
        if (!view.hasRoleAt(nowMillis)) {
            return view.reason().isEmpty()
                    ? refused(RefusalReason.LEASE_ENDED, "This server's lease to be primary has ended.")
                    : refused(RefusalReason.NO_LEASE, "In this pod " + view.reason() + ".");
        }
        return switch (view.phase()) {
            case OPEN, HOLD -> new Admitted();
            case CATCHUP ->
                caller == Caller.PEER
                        ? new Admitted()
                        : refused(RefusalReason.CATCHUP, "The new primary waits for its synchronous standbys.");
            case CUT -> refused(RefusalReason.CUT, "Sessions of this server are being cut.");
        };
    }

    /**
     * The decision about a caller that was told to wait: it asked for the primary, and what was the primary may be a
     * standby by now.
     */
    static Gate decideAfterWaiting(LeaseView view, long nowMillis, Caller caller) {
        Gate gate = decide(view, nowMillis, caller);
        return gate instanceof Admitted && view.role() != Role.PRIMARY
                ? refused(RefusalReason.HOLD, "This server has handed over; another is the primary.")
                : gate;
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
