package org.pgpod.wireproxy.lease;

import org.pgpod.core.pod.LeaseToken.Role;

/**
 * How one session stands towards the lease, fixed when it was admitted: physical replication is never cut, a session of
 * a primary lives in one term and not beyond its {@code until}, a session of a standby becomes one of the primary when
 * this Postgres is promoted. Confined to the session's event loop.
 */
public final class Standing {
    /** What is to happen with the session. */
    public enum Verdict {
        /** It goes on. */
        SERVE,
        /** It ends, and the client may be told why. */
        DISMISS,
        /** It ends at once: no further byte may reach the client. */
        SEVER
    }

    private enum Kind {
        PHYSICAL,
        STANDBY,
        PRIMARY,
        ELSEWHERE
    }

    private final Caller caller;
    private Kind kind;
    private long epoch;

    /** The standing of a session that the gate has just admitted under {@code view}. */
    public Standing(Caller caller, LeaseView view) {
        this.caller = caller;
        this.kind = caller == Caller.PHYSICAL_REPLICATION
                ? Kind.PHYSICAL
                : view.role() == Role.PRIMARY ? Kind.PRIMARY : Kind.STANDBY;
        this.epoch = view.epoch();
    }

    private Standing(Caller caller, Kind kind) {
        this.caller = caller;
        this.kind = kind;
        this.epoch = 0;
    }

    /** The standing of a session with the primary of another pod, whose own proxy judges it. */
    public static Standing elsewhere(Caller caller) {
        return new Standing(caller, Kind.ELSEWHERE);
    }

    /** Whether the session is with the primary of another pod. */
    public boolean isElsewhere() {
        return kind == Kind.ELSEWHERE;
    }

    /** Judges the session; called after reading from Postgres and before writing to the client. */
    public Verdict judge(LeaseView view, long nowMillis) {
        if (kind == Kind.PHYSICAL || kind == Kind.ELSEWHERE) {
            return Verdict.SERVE;
        }
        if (kind == Kind.STANDBY) {
            if (view.role() == Role.STANDBY) {
                return phaseAllows(view) ? Verdict.SERVE : Verdict.DISMISS;
            }
            if (view.role() == Role.NONE) {
                return Verdict.DISMISS;
            }
            // Postgres keeps its sessions through a promotion; from here on the new term rules this one.
            kind = Kind.PRIMARY;
            epoch = view.epoch();
        }
        if (!view.isPrimaryAt(nowMillis) || view.epoch() != epoch) {
            return Verdict.SEVER;
        }
        return phaseAllows(view) ? Verdict.SERVE : Verdict.DISMISS;
    }

    /** Whether a client may be told, under this view, why its session ends. */
    public boolean mayBeTold(LeaseView view, long nowMillis) {
        return kind != Kind.PRIMARY || (view.isPrimaryAt(nowMillis) && view.epoch() == epoch);
    }

    private boolean phaseAllows(LeaseView view) {
        return switch (view.phase()) {
            case OPEN, HOLD -> true;
            // A standby may have to rewind against this server before it can catch up with it.
            case CATCHUP -> caller == Caller.PEER;
            case CUT -> false;
        };
    }
}
