package org.pgpod.haagent.model;

import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/**
 * What must change together with the lock: the annotation {@code pgpod.org/record} of the leader Lease. {@link
 * RecordFormat} reads and writes it.
 *
 * @param epoch equal to {@code leaseTransitions}
 * @param phase how far this epoch's holder has come
 * @param systemId empty until the first member has made the data directory
 * @param data the holder's data directory; that of the last holder once released; empty before there is one
 * @param timeline the timeline reserved for this epoch
 * @param history every timeline that was ever opened to clients
 * @param lsn the holder's end of WAL when it last wrote this record
 * @param clean whether the last holder stopped in order at {@code lsn}: nothing lies beyond it
 * @param mode asynchronous or synchronous replication
 * @param strict in synchronous mode, whether {@code w} may never fall to 0
 * @param w how many voters every acknowledged synchronous commit has reached
 * @param voters the standbys that may confirm synchronous commits
 * @param prefer the pod that a planned switchover names, if any
 * @param failed pods that won an epoch and could not open it, until another epoch succeeds
 * @param pause whether automatic actions other than fencing are suspended
 */
public record ClusterRecord(
        Epoch epoch,
        Phase phase,
        Optional<SystemId> systemId,
        Optional<DataId> data,
        Timeline timeline,
        TimelineHistory history,
        Lsn lsn,
        boolean clean,
        Mode mode,
        boolean strict,
        int w,
        List<MemberName> voters,
        Optional<String> prefer,
        List<String> failed,
        boolean pause) {

    /** How far the holder of an epoch has come. */
    public enum Phase {
        /** It makes the first data directory. */
        BOOTSTRAP,
        /** It has the lock and promotes its Postgres. */
        TAKEOVER,
        /** Its Postgres is the primary: others may follow, clone and rewind to it. */
        PRIMARY,
        /** It has stopped and given the lock away. */
        RELEASED,
        /**
         * The cluster follows another one: whoever has the lock streams from there, all others from it, and nobody writes. A
         * lock that is given away keeps this phase.
         */
        STANDBY
    }

    /** How commits are replicated. */
    public enum Mode {
        ASYNC,
        SYNC
    }

    public ClusterRecord {
        voters = List.copyOf(voters);
        failed = List.copyOf(failed);
        if (w < 0 || w > voters.size()) {
            throw new IllegalArgumentException("w is " + w + " with " + voters.size() + " voters");
        }
    }

    /** The first record of a cluster: asynchronous, without data. */
    public static ClusterRecord first(Epoch epoch) {
        return new ClusterRecord(
                epoch,
                Phase.BOOTSTRAP,
                Optional.empty(),
                Optional.empty(),
                new Timeline(1),
                TimelineHistory.EMPTY,
                Lsn.ZERO,
                false,
                Mode.ASYNC,
                false,
                0,
                List.of(),
                Optional.empty(),
                List.of(),
                false);
    }

    /** Whether its holder may write; without it the lock is about who follows the other cluster. */
    public boolean allowsWriting() {
        return phase != Phase.STANDBY;
    }

    /** Whether its holder has opened its server, so that others may follow it. */
    public boolean isServing() {
        return phase == Phase.PRIMARY
                || (phase == Phase.STANDBY && !history.entries().isEmpty());
    }

    /** What is promised of acknowledged synchronous commits. */
    public Voters promise() {
        return new Voters(voters, w);
    }

    /** A copy to change field by field. */
    public ClusterRecordChange change() {
        return new ClusterRecordChange(this);
    }
}
