package org.pgpod.haagent.decide;

import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.StandbyWish;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.PodPort;

/**
 * What the holder of the Lease does while the cluster follows another one: have a copy, stream from there, and never write.
 * Only when the configuration was read and names no other cluster any more does it begin an epoch in which it may.
 */
final class StandbyLeadership {
    private StandbyLeadership() {}

    static Step decide(Observation now, Standing.Mine mine, Memory before) {
        Optional<VolumeState> volume = now.volume();
        if (volume.isEmpty() || now.supervisor().isEmpty()) {
            return Step.rest(Reason.Code.WAIT_SUPERVISOR, before);
        }
        Memory memory = timed(now, before);
        Optional<Step> paused = Duties.pause(now, mine, memory);
        if (paused.isPresent() || mine.record().pause()) {
            return paused.orElseGet(() -> Step.rest(Reason.Code.PAUSED, memory));
        }
        ClusterRecord record = mine.record();
        boolean foreign = volume.get().hasData()
                && record.systemId().isPresent()
                && !volume.get().systemId().equals(record.systemId());
        if (foreign) {
            return Step.rest(Reason.Code.BLOCKED_SYSTEM_ID, Following.systemIds(volume.get(), record), memory);
        }
        return StandbyHandover.decide(now, mine, volume.get(), memory)
                .orElseGet(() -> isOver(now)
                        ? promote(now, mine, volume.get(), memory)
                        : follow(now, mine, volume.get(), memory));
    }

    /** Counts for how long there is a copy whose server does not answer. */
    private static Memory timed(Observation now, Memory memory) {
        boolean waits = now.database().isEmpty()
                && now.volume().filter(VolumeState::hasData).isPresent();
        if (!waits) {
            return memory.openingMillis() == 0
                    ? memory
                    : memory.change().openingMillis(0).build();
        }
        return memory.openingMillis() != 0
                ? memory
                : memory.change().openingMillis(now.nowMillis()).build();
    }

    /** What was read longer ago than a lease may have changed since. */
    private static boolean isOver(Observation now) {
        long oldest = now.nowMillis() - now.settings().timings().leaseDuration().toMillis();
        return now.standby().wish().since(oldest).orElse(null) instanceof StandbyWish.Off;
    }

    // ---- following

    private static Step follow(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        Optional<RemotePrimary> remote = now.standby().wish().known().flatMap(StandbyWish::remote);
        if (remote.isEmpty()) {
            return Step.rest(Reason.Code.STANDBY_WAIT_REMOTE, "the configuration was not read", memory);
        }
        Optional<RemoteSighting> seen = RemoteCheck.seen(now);
        if (mine.record().systemId().isEmpty()) {
            return seen.map(sighting -> Step.act(
                            new Action.WriteRecord(mine.record()
                                    .change()
                                    .systemId(volume.systemId().orElse(sighting.systemId()))
                                    .build()),
                            Reason.Code.STANDBY_RECORD,
                            "systemId=" + sighting.systemId(),
                            memory))
                    .orElseGet(() -> waitFor(remote.get(), memory));
        }
        Optional<String> stranger = seen.flatMap(
                sighting -> RemoteCheck.stranger(sighting, mine.record().systemId()));
        boolean wanting = !volume.hasData() || volume.destroying().isPresent();
        if (wanting || asksForCopy(now, memory)) {
            return stranger.isPresent()
                    ? Step.rest(Reason.Code.BLOCKED_REMOTE, stranger.get(), memory)
                    : copy(now, volume, remote.get(), seen.isPresent(), memory);
        }
        Optional<Step> restart = Restarting.decide(now, memory);
        if (restart.isPresent()) {
            return restart.get();
        }
        if (now.postgresIs(SupervisorState.Postgres.DOWN)) {
            return start(now, volume, remote.get(), memory);
        }
        return now.database()
                .map(database -> lead(now, mine, volume, database, new Upstream(remote.get(), stranger), memory))
                .orElseGet(() -> whileSilent(now, memory));
    }

    private static Step waitFor(RemotePrimary remote, Memory memory) {
        return Step.rest(Reason.Code.STANDBY_WAIT_REMOTE, "remote=" + remote.endpoint(), memory);
    }

    private static boolean asksForCopy(Observation now, Memory memory) {
        return now.request().orElse(null) instanceof Request.Reinitialize(String id)
                && memory.answer()
                        .filter(answer -> answer.requestId().equals(id))
                        .isEmpty();
    }

    /** By the methods that make every copy; the other cluster must answer before a present one is replaced. */
    private static Step copy(
            Observation now, VolumeState volume, RemotePrimary remote, boolean answers, Memory memory) {
        if (!now.postgresIs(SupervisorState.Postgres.DOWN)) {
            return Step.act(new Action.Stop(SupervisorRequest.Stop.FAST), Reason.Code.STANDBY_CLONE, memory);
        }
        List<String> command = now.settings().cloning().after(memory.copying().failures());
        if (!answers) {
            return waitFor(remote, memory);
        }
        String pod = now.self().holder().pod();
        return Step.act(
                new Action.CloneRemote(volume.data().map(data -> new MemberName(pod, data)), remote, command),
                Reason.Code.STANDBY_CLONE,
                command.isEmpty() ? "remote=" + remote.endpoint() : "command=" + command.getFirst(),
                memory);
    }

    /** A copy that is known to be on the other cluster's line may need WAL from there before it answers. */
    private static Step start(Observation now, VolumeState volume, RemotePrimary remote, Memory memory) {
        Optional<ControlData> control = now.local().control().known();
        if (control.isEmpty()) {
            return Step.act(new Action.ReadControl(), Reason.Code.FOLLOW_INSPECT, memory);
        }
        if (!control.get().stoppedAsPrimary() && !control.get().wasStandby()) {
            return Step.act(new Action.Recover(), Reason.Code.REJOIN_RECOVER, memory);
        }
        MemberName self = Leadership.nameOf(now, volume);
        PostgresSettings settings = control.get().isUnstartedCopy() || isOnLine(now, control.get())
                ? new PostgresSettings.Remote(self, remote)
                : new PostgresSettings.Detached(self);
        return Step.act(new Action.StartStandby(settings), Reason.Code.FOLLOW_START, memory);
    }

    private static boolean isOnLine(Observation now, ControlData control) {
        Lsn end = control.wasStandby() ? control.recoveryEnd() : control.checkpoint();
        boolean placed = control.timeline().id() == 1 || control.timelineStart().isPresent();
        return RemoteCheck.seen(now)
                .filter(remote -> placed)
                .filter(remote -> RemoteCheck.astray(remote, control.timeline(), control.timelineStart(), end)
                        .isEmpty())
                .isPresent();
    }

    /** One that was started without an upstream may not be complete, and is started again once there is one. */
    private static Step whileSilent(Observation now, Memory memory) {
        boolean alone = now.local().settings().orElse(null) instanceof PostgresSettings.Detached
                && RemoteCheck.seen(now).isPresent()
                && !now.postgresIs(SupervisorState.Postgres.STOPPING);
        return alone && now.passed(now.settings().startTimeout(), memory.openingMillis())
                ? Step.act(new Action.Stop(SupervisorRequest.Stop.FAST), Reason.Code.FOLLOW_CONFIGURE, memory)
                : Step.rest(Reason.Code.WAIT_POSTGRES, memory);
    }

    /** Whom to follow, and why a copy of this cluster cannot be fed there, whatever it holds. */
    private record Upstream(RemotePrimary remote, Optional<String> stranger) {}

    private static Step lead(
            Observation now,
            Standing.Mine mine,
            VolumeState volume,
            DatabaseFacts database,
            Upstream upstream,
            Memory before) {
        PostgresSettings wanted = settings(now, volume, database, upstream.remote());
        if (!now.local().settings().equals(Optional.of(wanted))) {
            return Step.act(new Action.Configure(wanted), Reason.Code.FOLLOW_CONFIGURE, before);
        }
        boolean streams = database.receiver() == DatabaseFacts.Receiver.STREAMING;
        Memory memory = streams ? Copying.streams(before) : before;
        Optional<Step> duty = Duties.labels(now, PodPort.RoleLabel.STANDBY_LEADER, memory)
                .or(() -> Removal.asked(now, mine, memory))
                .or(() -> Duties.slots(now, mine, database, memory));
        if (duty.isPresent()) {
            return duty.get();
        }
        if (!streams) {
            Optional<String> problem = upstream.stranger()
                    .or(() -> RemoteCheck.seen(now)
                            .flatMap(remote -> RemoteCheck.divergence(
                                    remote, database.timeline(), database.timelineStart(), database.position())));
            return problem.map(why -> Step.rest(Reason.Code.BLOCKED_REMOTE, why, memory))
                    .orElseGet(() -> waitFor(upstream.remote(), memory));
        }
        return record(now, mine, volume, database, memory)
                .or(() -> Duties.mark(mine.record(), database.timeline(), volume, memory))
                .orElseGet(() -> memory.cloned()
                        ? Step.act(new Action.Discard(), Reason.Code.FOLLOW_DISCARD, memory)
                        : Step.rest(
                                Reason.Code.STANDBY_LEADING,
                                "remote=" + upstream.remote().endpoint(),
                                memory));
    }

    /** It is pointed at a server only once that one's line is known to hold its own, and stays so until it is known not to. */
    private static PostgresSettings settings(
            Observation now, VolumeState volume, DatabaseFacts database, RemotePrimary remote) {
        MemberName self = Leadership.nameOf(now, volume);
        PostgresSettings following = new PostgresSettings.Remote(self, remote);
        boolean streams = database.receiver() == DatabaseFacts.Receiver.STREAMING;
        boolean follows = now.local().settings().equals(Optional.of(following));
        Optional<RemoteSighting> seen = RemoteCheck.seen(now);
        boolean placed =
                database.timeline().id() == 1 || database.timelineStart().isPresent();
        boolean fits = seen.filter(sighting -> placed)
                .filter(sighting -> RemoteCheck.astray(
                                sighting, database.timeline(), database.timelineStart(), database.position())
                        .isEmpty())
                .isPresent();
        boolean stays = follows && (streams || seen.isEmpty() || !placed);
        return fits || stays ? following : new PostgresSettings.Detached(self);
    }

    /** What others go by: whose copy leads, and along which timelines. */
    private static Optional<Step> record(
            Observation now, Standing.Mine mine, VolumeState volume, DatabaseFacts database, Memory memory) {
        ClusterRecord record = mine.record();
        TimelineHistory line = RemoteCheck.seen(now)
                .filter(remote -> remote.timeline().equals(database.timeline()))
                .map(remote -> RemoteCheck.line(remote, record.history()))
                .orElse(record.history());
        if (line.placeOf(database.timeline()).isEmpty()) {
            return Optional.empty();
        }
        ClusterRecord next = record.change()
                .data(volume.data().orElseThrow())
                .timeline(database.timeline())
                .history(line)
                .failed(List.of())
                .build();
        return next.equals(record)
                ? Optional.empty()
                : Optional.of(Step.act(
                        new Action.WriteRecord(next),
                        Reason.Code.STANDBY_RECORD,
                        "timeline=" + database.timeline(),
                        memory));
    }

    // ---- the end of following

    private static Step promote(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        if (!volume.hasData() || volume.destroying().isPresent()) {
            return Step.rest(Reason.Code.BLOCKED_REMOTE, "no data, and no cluster to copy them from", memory);
        }
        if (now.postgresIs(SupervisorState.Postgres.DOWN)) {
            PostgresSettings detached = new PostgresSettings.Detached(Leadership.nameOf(now, volume));
            return Step.act(new Action.StartStandby(detached), Reason.Code.FOLLOW_START, memory);
        }
        Optional<DatabaseFacts> database = now.database();
        if (database.isEmpty()) {
            return Step.rest(Reason.Code.WAIT_POSTGRES, memory);
        }
        Optional<MemberStatus> ahead = StandbyElection.successors(now, mine.record()).stream()
                .filter(status ->
                        status.timeline().equals(Optional.of(database.get().timeline()))
                                && status.position().compareTo(database.get().position()) > 0)
                .findFirst();
        return ahead.map(status -> StandbyHandover.release(mine, Optional.of(status.pod()), List.of(), memory))
                .orElseGet(() ->
                        Step.act(writing(now, mine, volume, database.get()), Reason.Code.STANDBY_PROMOTE, memory));
    }

    /** The compare-and-set that begins an epoch in which this member is promoted, like anyone who was elected. */
    private static Action writing(Observation now, Standing.Mine mine, VolumeState volume, DatabaseFacts database) {
        ClusterRecord record = mine.record();
        ClusterRecord next = record.change()
                .epoch(record.epoch().next())
                .phase(ClusterRecord.Phase.TAKEOVER)
                .data(volume.data().orElseThrow())
                .timeline(Election.reserve(now, record, database.timeline()))
                .history(withPresent(record, database))
                .lsn(database.position())
                .clean(false)
                .build();
        return new Action.TakeOver(StandbyElection.draft(now, next), mine.view().resourceVersion());
    }

    /** The other cluster may have begun a timeline that was followed and not recorded yet. */
    private static TimelineHistory withPresent(ClusterRecord record, DatabaseFacts database) {
        TimelineHistory line = record.history();
        boolean later = line.last()
                .filter(entry -> entry.timeline().compareTo(database.timeline()) >= 0)
                .isEmpty();
        Epoch last = line.last().map(TimelineHistory.Entry::epoch).orElse(Epoch.NONE);
        return later
                ? database.timelineStart()
                        .map(start -> line.with(new TimelineHistory.Entry(last, database.timeline(), start)))
                        .orElse(line)
                : line;
    }
}
