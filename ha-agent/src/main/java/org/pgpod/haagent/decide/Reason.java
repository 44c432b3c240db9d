package org.pgpod.haagent.decide;

/**
 * Why a decision was made: the source of its log line, Event and metric.
 *
 * @param detail facts as {@code key=value}, stable while the situation is, so that a change means news
 */
public record Reason(Code code, String detail) {
    public static Reason of(Code code) {
        return new Reason(code, "");
    }

    public static Reason of(Code code, String detail) {
        return new Reason(code, detail);
    }

    /** A state in which the agent does nothing until a person, or the missing thing, comes. */
    public boolean blocked() {
        return code.name().startsWith("BLOCKED_");
    }

    @Override
    public String toString() {
        return detail.isEmpty() ? code.name() : code.name() + " " + detail;
    }

    /** The kinds of reasons. */
    public enum Code {
        BLOCKED_EPOCH_BEHIND,
        BLOCKED_LAG,
        BLOCKED_LEASE_MISSING,
        BLOCKED_SYSTEM_ID,
        BLOCKED_UNSUPPORTED_FORMAT,
        BLOCKED_VOTES,

        BOOTSTRAP_CREATE,
        BOOTSTRAP_INITDB,
        BOOTSTRAP_OPEN,
        BOOTSTRAP_RECORD,
        BOOTSTRAP_START,
        BOOTSTRAP_SWAP,
        BOOTSTRAP_WAIT,

        CLONE_EMPTY,
        CLONE_FORKED,
        CLONE_REQUESTED,
        CLONE_REWIND_FAILED,
        CLONE_UNFINISHED,

        DUTY_CHECKPOINT,
        DUTY_LABELS,
        DUTY_MARK,
        DUTY_PAUSE,
        DUTY_ROLES,
        DUTY_SETTINGS,
        DUTY_SLOTS,

        ELECTION_BEHIND,
        ELECTION_FORCED,
        ELECTION_FREEZE,
        ELECTION_LAGS_TOO_FAR,
        ELECTION_MARK,
        ELECTION_NOT_A_CANDIDATE,
        ELECTION_QUARANTINE,
        ELECTION_RANKED,
        ELECTION_START,
        ELECTION_VOTED,
        ELECTION_WAIT_FREEZE,
        ELECTION_WAIT_VOTES,
        ELECTION_WON,

        FENCE_NO_TERM,
        FENCE_TIMELINE,

        FOLLOW_CONFIGURE,
        FOLLOW_DISCARD,
        FOLLOW_FROZEN,
        FOLLOW_INSPECT,
        FOLLOW_STALE_LEASE,
        FOLLOW_START,
        FOLLOW_STREAMING,
        FOLLOW_WAIT_PRIMARY,
        FOLLOW_WAIT_STREAM,
        FOLLOW_WAIT_UPSTREAM,

        LEAD_GIVE_UP,
        LEAD_OPEN,
        LEAD_PROMOTE,
        LEAD_RESTART,
        LEAD_SERVING,
        LEAD_WAIT,

        PAUSED,
        RESTART_REQUESTED,

        REJOIN_RECOVER,
        REJOIN_REWIND,
        REJOIN_STOP,
        REJOIN_WAIT_CHECKPOINT,
        REJOIN_WAIT_VOTERS,

        SYNC_CHECKPOINT,
        SYNC_RECORD,

        SWITCHOVER_ABORT,
        SWITCHOVER_CHECKPOINT,
        SWITCHOVER_DRAIN,
        SWITCHOVER_PREFERRED,
        SWITCHOVER_RELEASE,
        SWITCHOVER_STOP,
        SWITCHOVER_WAIT_PREFERRED,
        SWITCHOVER_WAIT_STOP,

        WAIT_ADOPTION,
        WAIT_LAPSED_LEASE,
        WAIT_LEASE,
        WAIT_MEMBERS,
        WAIT_POSTGRES,
        WAIT_RETRY,
        WAIT_SUPERVISOR
    }
}
