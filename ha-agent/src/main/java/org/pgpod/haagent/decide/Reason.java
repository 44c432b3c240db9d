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
        BLOCKED_BOOTSTRAP(
                "The new cluster could not be made as its configuration asks: no client is let in. It is tried again."),
        BLOCKED_EPOCH_BEHIND(
                "This volume knows a later epoch than the leader Lease: the Lease was restored from an old copy."),
        BLOCKED_LAG(
                "Asynchronous: every candidate lacks more than maximumLagOnFailover of what the last primary published."),
        BLOCKED_LEASE_MISSING(
                "There is data, and no leader Lease: somebody deleted it while no primary could make it again."),
        BLOCKED_REMOTE("The server of the other cluster is none that this copy can follow, or none is named."),
        BLOCKED_STORAGE("The volume of this member has failed: Postgres stays stopped, and the Lease is kept."),
        BLOCKED_SYSTEM_ID("The data directory belongs to another cluster than the Lease."),
        BLOCKED_UNSUPPORTED_FORMAT("The record was written by an agent of another version, or damaged."),
        BLOCKED_VOTES("Synchronous: too few recorded voters answer to be sure of every acknowledged commit."),

        BOOTSTRAP_CREATE("No member has data and nobody has founded the cluster: create the Lease."),
        BOOTSTRAP_INITDB("Make the first data directory."),
        BOOTSTRAP_OPEN("The first server runs: announce it as the primary."),
        BOOTSTRAP_POPULATE("Make the roles and databases of the new cluster, and run its SQL files."),
        BOOTSTRAP_RECORD("Write the system identifier of the new data directory into the record."),
        BOOTSTRAP_RECOVERED(
                "The restored server has reached its target: stop it, to start it with its lasting settings."),
        BOOTSTRAP_RESUME("The cluster was founded on this volume and never opened: take the Lease to go on."),
        BOOTSTRAP_START("Start the first server."),
        BOOTSTRAP_SWAP("Move the new data directory into place."),
        BOOTSTRAP_WAIT("The first server is starting, or recovers."),
        BOOTSTRAP_WAIT_FOUNDER("The cluster is to be founded by the member that bootstrapMember names: wait for it."),

        CLONE_DIVERGED("This copy has WAL that the other cluster left out; nothing is rewound to a standby."),
        CLONE_EMPTY("This member has no data: copy the primary's, or those of a standby that offers itself."),
        CLONE_FORKED("This copy has another timeline under the same number; a rewind would not notice."),
        CLONE_REQUESTED("A person asked for a new copy."),
        CLONE_REWIND_FAILED("The rewind failed for good."),
        CLONE_UNFINISHED("An earlier clone was interrupted."),
        CLONE_WAL_GONE("The primary no longer has the WAL that this copy needs, or nobody has."),

        DUTY_CHECKPOINT("Others can rewind to this primary only after a checkpoint on its timeline."),
        DUTY_LABELS("Set the role label of every pod."),
        DUTY_MARK("Note the timeline on the volume, or end a freeze."),
        DUTY_PAUSE("Copy a person's wish to pause or resume into the record."),
        DUTY_REMOVE("A person had a member forgotten that is gone."),
        DUTY_ROLES("Create or refresh pgpod's roles."),
        DUTY_SETTINGS("Write settings, the synchronous set among them, and reload."),
        DUTY_SLOTS("Create the replication slots that members lack."),

        ELECTION_BEHIND("Another candidate has more WAL."),
        ELECTION_FORCED("A person had this member take over and accepted the loss."),
        ELECTION_FREEZE("The Lease is vacant: stop receiving WAL, so that the position is exact."),
        ELECTION_LAGS_TOO_FAR("This member lacks more than maximumLagOnFailover."),
        ELECTION_MARK("Note on the volume for which version of the Lease this member froze."),
        ELECTION_NOT_A_CANDIDATE("Tagged nofailover, a copy under way, diverged, or without data."),
        ELECTION_QUARANTINE("The agent started less than one lease ago and may have voted before."),
        ELECTION_RANKED("Others go first; it is this member's turn later."),
        ELECTION_START("Start Postgres without an upstream, to learn how far its WAL reaches."),
        ELECTION_VOTED("The position is exact: publish it as a vote for this version of the Lease."),
        ELECTION_WAIT_FREEZE("Receiving has not stopped yet, or replay has not reached the end."),
        ELECTION_WAIT_VOTES("Waiting for the votes of others."),
        ELECTION_WON("Take the Lease over, if it still has the version that the votes name."),

        FENCE_NO_TERM("A server can write without the right to: end it."),
        FENCE_TIMELINE("The server is on another timeline than was reserved: end it."),

        FOLLOW_ARCHIVE("Tagged nostream: all WAL comes from the archive."),
        FOLLOW_CONFIGURE("Point the running standby at whom it is to follow."),
        FOLLOW_DISCARD("The new copy streams: remove the replaced one."),
        FOLLOW_FROZEN("Frozen for this very version of the Lease: stay so until another one is seen."),
        FOLLOW_INSPECT("Read the control file of the stopped server."),
        FOLLOW_STALE_LEASE("The Lease was not read for a whole lease: too old to touch the copy."),
        FOLLOW_START("Start as a standby."),
        FOLLOW_STREAMING("All is well."),
        FOLLOW_WAIT_PRIMARY("The holder has not opened its server yet."),
        FOLLOW_WAIT_STREAM("Not streaming yet."),
        FOLLOW_WAIT_UPSTREAM("The holder's address is not known yet."),

        LEAD_GIVE_UP("The server could not be opened in time, or may not serve: stop it and release the Lease."),
        LEAD_OPEN("The server writes on the reserved timeline: announce it."),
        LEAD_PROMOTE("Promote onto the reserved timeline."),
        LEAD_RESTART("Start the server again in the same term."),
        LEAD_SERVING("All is well."),
        LEAD_WAIT("The server is starting, or does not answer yet."),

        PAUSED("The cluster is paused: nothing but fencing happens by itself."),

        POSTGRES_HANGS("Postgres answers no new session, or does not end when told to: kill it, and start it again."),

        RESTART_REQUESTED("A person asked for a restart."),

        REJOIN_RECOVER("Finish the crash recovery of a former primary, to see where its WAL ends."),
        REJOIN_REWIND("Turn the diverged copy into one of the primary's."),
        REJOIN_STOP("This copy has left the cluster's history: stop it to mend it."),
        REJOIN_WAIT_CHECKPOINT("A rewind before the primary's checkpoint would see the wrong history."),
        REJOIN_WAIT_STORAGE("The volume of this member has failed: nothing is mended on it."),
        REJOIN_WAIT_VOTERS(
                "This copy is a recorded voter and may be the last good one: wait until the primary has others."),
        REJOIN_WITHDRAW("Everybody must know first that this copy goes, so that nobody makes it a voter."),

        STANDBY_CLONE("This member leads a standby cluster, and needs a copy of the other cluster's data."),
        STANDBY_DEMOTE(
                "The cluster is to follow another one: stop in order, then begin an epoch in which nobody may write."),
        STANDBY_DETACH("The term is over: leave the other cluster's slot to whoever leads next."),
        STANDBY_ELECT("Take the Lease over to follow the other cluster."),
        STANDBY_HANDOVER("Give the Lease of the standby cluster to another member."),
        STANDBY_LEADING("All is well: this member streams from the other cluster, and the others from it."),
        STANDBY_PROMOTE("The cluster follows nobody any more: begin an epoch in which this member may write."),
        STANDBY_RECORD("Record which copy leads, and along which timelines."),
        STANDBY_REFUSED("The cluster is to follow another one and cannot: it stays as it is."),
        STANDBY_WAIT_REMOTE("The other cluster does not answer, or nothing streams from it yet."),
        STANDBY_WAIT_TURN("Another member is to lead the standby cluster; it is this one's turn later."),

        STORAGE_FAILING("Writes to the volume fail."),
        STORAGE_FULL("The volume is full, or nearly so."),
        STORAGE_STUCK("A write to the volume has not come back in time."),

        SYNC_CHECKPOINT("Prove by a checkpoint that commits wait for the new set."),
        SYNC_RECORD("The new voters have all that was acknowledged: record them."),

        SWITCHOVER_ABORT("The hand-over was given up; this member serves on."),
        SWITCHOVER_CHECKPOINT("Checkpoint first, so that the stop is short."),
        SWITCHOVER_DRAIN("Hold new transactions and wait for running ones."),
        SWITCHOVER_PREFERRED("The Lease was released in order, and this member has everything: take it over."),
        SWITCHOVER_RELEASE("Postgres has stopped in order: give the Lease away."),
        SWITCHOVER_STOP("Stop Postgres."),
        SWITCHOVER_WAIT_PREFERRED("Leave the released Lease to the preferred member for a moment."),
        SWITCHOVER_WAIT_STOP("Postgres is stopping."),

        WAIT_ADOPTION("The token of an earlier run is still good: prolong its term instead of fencing."),
        WAIT_BACK_OFF("The same thing failed several times: wait longer before the next try."),
        WAIT_CONFIGURATION(
                "The cluster's configuration was not read, or is not usable: it may say what the first data are to be."),
        WAIT_LAPSED_LEASE("The Lease names this member, but its term is over: wait it out like anyone else."),
        WAIT_LEASE("The leader Lease was never read."),
        WAIT_MEMBERS("The member Leases were never read."),
        WAIT_POSTGRES("Postgres does not answer yet."),
        WAIT_RETRY("The last action failed: the next try comes in a moment."),
        WAIT_SUPERVISOR(
                "The supervisor does not answer: the Postgres container is away, or its volume is held by another.");

        private final String meaning;

        Code(String meaning) {
            this.meaning = meaning;
        }

        /** What it means, as one sentence for people. */
        public String meaning() {
            return meaning;
        }
    }
}
