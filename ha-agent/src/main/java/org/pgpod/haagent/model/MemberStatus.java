package org.pgpod.haagent.model;

import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/**
 * What a member says of itself: the annotation {@code pgpod.org/member} of its own Lease. {@link MemberFormat} reads and
 * writes it.
 *
 * @param pod the pod's name, and {@code uid} its incarnation
 * @param data its data directory; empty while it has none
 * @param systemId empty while it has no data directory
 * @param address where it is reached, with the ports {@code sqlPort} and {@code apiPort}
 * @param epoch the greatest epoch it knows of
 * @param timeline the timeline of its WAL; empty while unknown
 * @param history its own line of timelines
 * @param received the end of the WAL it has received and flushed
 * @param replayed the end of the WAL it has replayed, or written if it is the primary
 * @param atEnd whether replay has reached the end of local WAL
 * @param vote its vote, while it is frozen
 * @param checkpointTimeline the timeline of its last checkpoint: others rewind to a primary only once it is the current one
 * @param destroying the destructive work that is under way, {@code clone} or {@code rewind}
 * @param reason why it is in this state, for people
 * @param progress of a long work, for people
 * @param storage what is wrong with its volume
 * @param oldestWal as the primary, where the oldest WAL that others can have from it begins
 * @param libraries digest of the extensions this pod can load
 * @param server the configuration of its running server
 * @param withdrawing whether it gives up its copy, or waits until it may: no voter any more
 */
public record MemberStatus(
        String pod,
        String uid,
        Optional<DataId> data,
        Optional<SystemId> systemId,
        String address,
        int sqlPort,
        int apiPort,
        String node,
        String zone,
        Tags tags,
        State state,
        Role role,
        Epoch epoch,
        Optional<Timeline> timeline,
        TimelineHistory history,
        Lsn received,
        Lsn replayed,
        boolean atEnd,
        Optional<Vote> vote,
        Optional<Timeline> checkpointTimeline,
        Optional<String> destroying,
        Optional<String> reason,
        Optional<String> progress,
        Optional<StorageTrouble> storage,
        Optional<Lsn> oldestWal,
        Optional<String> libraries,
        String postgres,
        String agent,
        ServerReport server,
        boolean withdrawing) {

    /** What a member is busy with. */
    public enum State {
        STARTING,
        STREAMING,
        FROZEN,
        RUNNING,
        STOPPED,
        CLONING,
        REWINDING,
        BLOCKED
    }

    /** What its Postgres is. */
    public enum Role {
        PRIMARY,
        STANDBY,
        NONE
    }

    /** A member that reports nothing of its server. */
    public MemberStatus(
            String pod,
            String uid,
            Optional<DataId> data,
            Optional<SystemId> systemId,
            String address,
            int sqlPort,
            int apiPort,
            String node,
            String zone,
            Tags tags,
            State state,
            Role role,
            Epoch epoch,
            Optional<Timeline> timeline,
            TimelineHistory history,
            Lsn received,
            Lsn replayed,
            boolean atEnd,
            Optional<Vote> vote,
            Optional<Timeline> checkpointTimeline,
            Optional<String> destroying,
            Optional<String> reason,
            Optional<String> progress,
            Optional<StorageTrouble> storage,
            Optional<Lsn> oldestWal,
            Optional<String> libraries,
            String postgres,
            String agent) {
        this(
                pod,
                uid,
                data,
                systemId,
                address,
                sqlPort,
                apiPort,
                node,
                zone,
                tags,
                state,
                role,
                epoch,
                timeline,
                history,
                received,
                replayed,
                atEnd,
                vote,
                checkpointTimeline,
                destroying,
                reason,
                progress,
                storage,
                oldestWal,
                libraries,
                postgres,
                agent,
                ServerReport.NONE,
                false);
    }

    /** Its identity in replication; empty while it has no data. */
    public Optional<MemberName> name() {
        return data.map(id -> new MemberName(pod, id));
    }

    /** The end of the WAL it has: received or replayed, whichever is further. */
    public Lsn position() {
        return Lsn.max(received, replayed);
    }

    /** The same state with other positions. */
    public MemberStatus at(Lsn otherReceived, Lsn otherReplayed, Optional<Lsn> otherOldestWal) {
        return new MemberStatus(
                pod,
                uid,
                data,
                systemId,
                address,
                sqlPort,
                apiPort,
                node,
                zone,
                tags,
                state,
                role,
                epoch,
                timeline,
                history,
                otherReceived,
                otherReplayed,
                atEnd,
                vote,
                checkpointTimeline,
                destroying,
                reason,
                progress,
                storage,
                otherOldestWal,
                libraries,
                postgres,
                agent,
                server,
                withdrawing);
    }

    /** The same state with another report on the server. */
    public MemberStatus reporting(ServerReport other) {
        return new MemberStatus(
                pod,
                uid,
                data,
                systemId,
                address,
                sqlPort,
                apiPort,
                node,
                zone,
                tags,
                state,
                role,
                epoch,
                timeline,
                history,
                received,
                replayed,
                atEnd,
                vote,
                checkpointTimeline,
                destroying,
                reason,
                progress,
                storage,
                oldestWal,
                libraries,
                postgres,
                agent,
                other,
                withdrawing);
    }

    /** The same state of a member that gives up its copy. */
    public MemberStatus announcingWithdrawal() {
        return new MemberStatus(
                pod,
                uid,
                data,
                systemId,
                address,
                sqlPort,
                apiPort,
                node,
                zone,
                tags,
                state,
                role,
                epoch,
                timeline,
                history,
                received,
                replayed,
                atEnd,
                vote,
                checkpointTimeline,
                destroying,
                reason,
                progress,
                storage,
                oldestWal,
                libraries,
                postgres,
                agent,
                server,
                true);
    }
}
