package org.pgpod.haagent.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/**
 * What the local Postgres says of itself in one read, over one connection.
 *
 * @param systemId from {@code pg_control_system()}
 * @param inRecovery {@code pg_is_in_recovery()}
 * @param timeline of the WAL it writes, or else of the last WAL it received or replayed, whichever is later
 * @param timelineStart where that timeline began, from its history file; empty for the first timeline or if unreadable
 * @param received {@code pg_last_wal_receive_lsn()}, {@code 0/0} for none or when it is not in recovery
 * @param replayed {@code pg_last_wal_replay_lsn()}, or {@code pg_current_wal_flush_lsn()} when it is not in recovery
 * @param replayAtEnd whether replay has consumed all WAL that is on this machine: replayed has reached received, and
 *     nothing more came of the local files within the last read interval; true when it is not in recovery
 * @param receiver the WAL receiver
 * @param detached whether both {@code primary_conninfo} and {@code restore_command} in force are empty
 * @param senders one entry for each row of {@code pg_stat_replication}
 * @param slots names of all physical replication slots but those that lost their WAL and that nobody uses
 * @param checkpointTimeline from {@code pg_control_checkpoint()}
 * @param oldestWal where the oldest WAL that is still there begins; empty when there is none
 * @param synchronousStandbyNames the value in force of the parameter of that name
 * @param settingsInForce whether the managed settings have the wanted value and come from the managed file
 * @param pendingRestart whether {@code pg_settings} shows a setting that waits for a restart
 * @param version such as {@code 15.20}
 */
public record DatabaseFacts(
        SystemId systemId,
        boolean inRecovery,
        Timeline timeline,
        Optional<Lsn> timelineStart,
        Lsn received,
        Lsn replayed,
        boolean replayAtEnd,
        Receiver receiver,
        boolean detached,
        List<Sender> senders,
        Set<String> slots,
        Timeline checkpointTimeline,
        Optional<Lsn> oldestWal,
        String synchronousStandbyNames,
        boolean settingsInForce,
        boolean pendingRestart,
        String version) {

    /** The state of the WAL receiver; {@link #NONE} is said only when the process is gone. */
    public enum Receiver {
        NONE,
        CONNECTING,
        STREAMING
    }

    /**
     * One walsender.
     *
     * @param slot the slot it streams from, if it uses one
     * @param replyTime when the standby sent its last answer, by that standby's clock; only good for telling answers apart
     */
    public record Sender(
            int pid, String applicationName, String state, Lsn flushed, Optional<String> slot, String replyTime) {}

    public DatabaseFacts {
        senders = List.copyOf(senders);
        slots = Set.copyOf(slots);
    }

    /** The end of its WAL, which is exact only while {@link #replayAtEnd()} and nothing is received. */
    public Lsn position() {
        return Lsn.max(received, replayed);
    }

    /** Whether its position can no longer move: nothing is received or fetched, and all of it is replayed. */
    public boolean isFrozen() {
        return inRecovery && detached && receiver == Receiver.NONE && replayAtEnd;
    }
}
