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

    /** It may, at the primary of another pod. */
    record Elsewhere(String leader) implements Gate {}

    /** It may, at a standby that is still to be chosen. */
    record AnyStandby() implements Gate {}

    /** The decision at this moment. */
    static Gate decide(LeaseView view, long nowMillis, Caller caller, Aim aim) {
        if (aim == Aim.STANDBY) {
            return new AnyStandby();
        }
        if (aim == Aim.STANDBY_HERE && view.role() != Role.STANDBY) {
            return refused(RefusalReason.NO_STANDBY, "A standby was looked for here, and this server is none.");
        }
        boolean lapsed = view.role() == Role.PRIMARY && !view.isPrimaryAt(nowMillis);
        if (caller.isHeld() && view.holdsAt(nowMillis) && !lapsed) {
            return new Held();
        }
        if (aim.isOfPrimary() && view.role() != Role.PRIMARY) {
            return elsewhere(view, aim);
        }
        if (caller == Caller.PHYSICAL_REPLICATION) {
            return new Admitted();
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

    private static Gate elsewhere(LeaseView view, Aim aim) {
        if (aim == Aim.PRIMARY_HERE) {
            return refused(RefusalReason.NO_PRIMARY, "The primary was looked for here, and it is not.");
        }
        return view.leader().isEmpty()
                ? refused(RefusalReason.NO_PRIMARY, "This pod knows of no primary at the moment.")
                : new Elsewhere(view.leader());
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
