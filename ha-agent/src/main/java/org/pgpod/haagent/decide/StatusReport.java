package org.pgpod.haagent.decide;

import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.ToolProgress;
import org.pgpod.haagent.model.VolumeState;

/** Puts together what our member Lease says of us. */
final class StatusReport {
    private StatusReport() {}

    static MemberStatus of(Observation now, Reason reason, Memory memory) {
        VolumeState volume = now.local().volume().known().orElse(VolumeState.EMPTY);
        Optional<DatabaseFacts> database = now.database();
        Optional<Timeline> timeline = database.map(DatabaseFacts::timeline)
                .or(() -> now.local().control().known().map(ControlData::timeline))
                .or(volume::timeline);
        Optional<LeaseView> lease = now.lease().known().flatMap(LeaseSighting::view);
        Epoch leased = lease.map(LeaseView::epoch).orElse(Epoch.NONE);
        MemberStatus status = new MemberStatus(
                now.self().holder().pod(),
                now.self().holder().uid(),
                volume.data(),
                volume.systemId(),
                now.self().address(),
                now.self().sqlPort(),
                now.self().apiPort(),
                now.self().node(),
                now.self().zone(),
                now.self().tags(),
                state(now, reason, memory),
                role(now, database),
                leased.compareTo(volume.epoch()) > 0 ? leased : volume.epoch(),
                timeline,
                history(lease, timeline),
                database.map(DatabaseFacts::received).orElse(Lsn.ZERO),
                database.map(DatabaseFacts::replayed).orElse(Lsn.ZERO),
                database.filter(DatabaseFacts::replayAtEnd).isPresent(),
                memory.vote(),
                database.map(DatabaseFacts::checkpointTimeline),
                volume.destroying(),
                Optional.of(reason.toString()),
                now.local().progress().map(ToolProgress::summary),
                memory.watch().trouble(),
                database.filter(facts -> !facts.inRecovery() || now.term().isPresent())
                        .flatMap(DatabaseFacts::oldestWal),
                now.local().libraries(),
                database.map(DatabaseFacts::version).orElse(""),
                now.self().agent());
        return Withdrawal.isMeantBy(reason) ? status.announcingWithdrawal() : status;
    }

    private static TimelineHistory history(Optional<LeaseView> lease, Optional<Timeline> timeline) {
        TimelineHistory line = lease.map(LeaseView::record)
                .flatMap(Parsed::valid)
                .map(ClusterRecord::history)
                .orElse(TimelineHistory.EMPTY);
        return timeline.map(line::upTo).orElse(TimelineHistory.EMPTY);
    }

    private static MemberStatus.Role role(Observation now, Optional<DatabaseFacts> database) {
        if (database.isPresent()) {
            return database.get().inRecovery() ? MemberStatus.Role.STANDBY : MemberStatus.Role.PRIMARY;
        }
        return now.supervisor()
                .map(supervisor -> switch (supervisor.mode()) {
                    case PRIMARY -> MemberStatus.Role.PRIMARY;
                    case STANDBY -> MemberStatus.Role.STANDBY;
                    case NONE -> MemberStatus.Role.NONE;
                })
                .orElse(MemberStatus.Role.NONE);
    }

    private static MemberStatus.State state(Observation now, Reason reason, Memory memory) {
        if (reason.blocked()) {
            return MemberStatus.State.BLOCKED;
        }
        boolean copies = now.inFlight()
                .filter(action -> action instanceof Action.Clone || action instanceof Action.CloneRemote)
                .isPresent();
        if (copies) {
            return MemberStatus.State.CLONING;
        }
        if (now.inFlight().filter(Action.Rewind.class::isInstance).isPresent()) {
            return MemberStatus.State.REWINDING;
        }
        if (memory.vote().isPresent()) {
            return MemberStatus.State.FROZEN;
        }
        if (now.database().isPresent()) {
            boolean streaming = now.database().get().receiver() == DatabaseFacts.Receiver.STREAMING;
            return streaming ? MemberStatus.State.STREAMING : MemberStatus.State.RUNNING;
        }
        boolean stopped = now.supervisor().isEmpty() || now.postgresIs(SupervisorState.Postgres.DOWN);
        return stopped ? MemberStatus.State.STOPPED : MemberStatus.State.STARTING;
    }
}
