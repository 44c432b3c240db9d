package org.pgpod.haagent.decide;

import java.util.Optional;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.VolumeState;

/** What a member does while another one holds the Lease: follow it once it is the primary, and mend its copy if need be. */
final class Following {
    private Following() {}

    static Step decide(Observation now, Standing.Led led, Memory memory) {
        Optional<VolumeState> volume = now.volume();
        if (volume.isEmpty() || now.supervisor().isEmpty()) {
            return Step.rest(Reason.Code.WAIT_SUPERVISOR, memory);
        }
        if (volume.get().hasData()
                && !volume.get().systemId().equals(led.record().systemId())) {
            return Step.rest(Reason.Code.BLOCKED_SYSTEM_ID, systemIds(volume.get(), led.record()), memory);
        }
        if (led.record().pause()) {
            return Step.rest(Reason.Code.PAUSED, memory);
        }
        if (!led.record().isServing()) {
            return Step.rest(Reason.Code.FOLLOW_WAIT_PRIMARY, memory);
        }
        if (isStale(now)) {
            return Step.rest(Reason.Code.FOLLOW_STALE_LEASE, memory);
        }
        return upstream(now, led.view())
                .map(primary -> follow(now, led, volume.get(), primary, memory))
                .orElseGet(() -> Step.rest(Reason.Code.FOLLOW_WAIT_UPSTREAM, memory));
    }

    /** What was true of the cluster a lease ago is no ground for touching a copy. */
    private static boolean isStale(Observation now) {
        long oldest = now.nowMillis() - now.settings().timings().leaseDuration().toMillis();
        return now.lease().since(oldest).isEmpty();
    }

    static String systemIds(VolumeState volume, ClusterRecord record) {
        return "volume=" + volume.systemId().map(SystemId::text).orElse("-") + " record="
                + record.systemId().map(SystemId::text).orElse("-");
    }

    /**
     * Where the holder is reached, from its own member Lease. An earlier incarnation of this very pod is nobody to follow,
     * and above all nobody to clone from: its copy is ours.
     */
    static Optional<Upstream> upstream(Observation now, LeaseView view) {
        Optional<Holder> holder = view.holder();
        return holder.map(Holder::pod)
                .filter(pod -> !pod.equals(now.self().holder().pod()))
                .flatMap(now::member)
                .filter(status -> holder.get().uid().equals(status.uid()))
                .map(Upstreams::of);
    }

    private static Step follow(Observation now, Standing.Led led, VolumeState volume, Upstream primary, Memory memory) {
        Optional<Step> newCopy = Rejoin.requested(now, led, volume, primary, memory);
        if (newCopy.isPresent()) {
            return newCopy.get();
        }
        Optional<Step> restart = Restarting.decide(now, memory);
        if (restart.isPresent()) {
            return restart.get();
        }
        if (now.postgresIs(SupervisorState.Postgres.DOWN)) {
            return whileDown(now, led, volume, primary, memory);
        }
        return now.database()
                .map(database -> whileUp(now, led, volume, database, primary, memory))
                .orElseGet(() -> whileSilent(now, led, volume, primary, memory));
    }

    /** A new copy answers nobody before it is consistent, and so it is started anew to be told where its WAL comes from. */
    private static Step whileSilent(
            Observation now, Standing.Led led, VolumeState volume, Upstream primary, Memory memory) {
        boolean incomplete = memory.copying().madeMillis() > 0 && volume.hasData();
        boolean misled = incomplete && isMisled(now, settings(now, led, volume, primary, memory));
        return misled && !now.postgresIs(SupervisorState.Postgres.STOPPING)
                ? Step.act(
                        new Action.Stop(SupervisorRequest.Stop.FAST),
                        Reason.Code.FOLLOW_CONFIGURE,
                        "upstream=" + primary.pod(),
                        memory)
                : Step.rest(Reason.Code.WAIT_POSTGRES, memory);
    }

    private static boolean isMisled(Observation now, PostgresSettings wanted) {
        boolean fromArchive =
                wanted instanceof PostgresSettings.Fetching || wanted instanceof PostgresSettings.Archived;
        return fromArchive
                && now.local()
                        .settings()
                        .filter(loaded -> !loaded.equals(wanted))
                        .isPresent();
    }

    private static Step whileDown(
            Observation now, Standing.Led led, VolumeState volume, Upstream primary, Memory memory) {
        if (volume.destroying().isPresent()) {
            return Rejoin.resume(now, led, volume, primary, memory);
        }
        Optional<ControlData> control = now.local().control().known();
        if (control.isEmpty()) {
            return Step.act(new Action.ReadControl(), Reason.Code.FOLLOW_INSPECT, memory);
        }
        if (isNewerThanTheLease(now, led, control.get())) {
            return Step.rest(
                    Reason.Code.FOLLOW_STALE_LEASE, "timeline=" + control.get().timeline(), memory);
        }
        Optional<Step> mended = Rejoin.decide(now, led, volume, control.get(), primary, memory);
        return mended.orElseGet(() -> Step.act(
                new Action.StartStandby(settings(now, led, volume, primary, memory)),
                Reason.Code.FOLLOW_START,
                memory));
    }

    /**
     * A standby may have followed its upstream to a timeline of which this agent has not read yet. Whether anybody was to
     * begin it shows in a Lease that is read afterwards.
     */
    private static boolean isNewerThanTheLease(Observation now, Standing.Led led, ControlData control) {
        boolean later = control.timeline().compareTo(led.record().timeline()) > 0;
        return later
                && now.local().control() instanceof Fact.Seen<ControlData>(var ignored, long readMillis)
                && now.lease().since(readMillis).isEmpty();
    }

    /** A member that froze for this very version of the Lease must not stream until it has seen another one. */
    private static PostgresSettings settings(
            Observation now, Standing.Led led, VolumeState volume, Upstream primary, Memory memory) {
        MemberName self =
                new MemberName(now.self().holder().pod(), volume.data().orElseThrow());
        Upstream upstream = Upstreams.toFollow(now, led, primary, memory);
        boolean frozen =
                volume.frozen().filter(led.view().resourceVersion()::equals).isPresent();
        if (frozen) {
            return new PostgresSettings.Detached(self);
        }
        Optional<String> walCommand = now.settings().cloning().walCommand();
        if (walCommand.isPresent() && now.self().tags().excludesStreaming()) {
            return new PostgresSettings.Archived(self, walCommand.get());
        }
        return walCommand.isPresent() && memory.copying().fetching()
                ? new PostgresSettings.Fetching(self, upstream, walCommand.get())
                : new PostgresSettings.Standby(self, upstream);
    }

    private static Step whileUp(
            Observation now,
            Standing.Led led,
            VolumeState volume,
            DatabaseFacts database,
            Upstream primary,
            Memory before) {
        boolean streams = database.receiver() == DatabaseFacts.Receiver.STREAMING;
        Memory memory = streams ? Copying.streams(before) : before;
        if (isAheadOfRecord(now, led, database)) {
            return Step.rest(Reason.Code.FOLLOW_STALE_LEASE, "timeline=" + database.timeline(), memory);
        }
        if (Divergence.of(database, volume, led.record().history()) != Divergence.NONE) {
            return Step.act(
                    new Action.Stop(SupervisorRequest.Stop.FAST),
                    Reason.Code.REJOIN_STOP,
                    "timeline=" + database.timeline() + " lsn=" + database.position(),
                    memory);
        }
        PostgresSettings wanted = settings(now, led, volume, primary, memory);
        String upstream = "upstream=" + Upstreams.in(wanted).orElse(primary).pod();
        if (!now.local().settings().equals(Optional.of(wanted))) {
            return Step.act(new Action.Configure(wanted), Reason.Code.FOLLOW_CONFIGURE, upstream, memory);
        }
        if (wanted instanceof PostgresSettings.Detached) {
            return Step.rest(Reason.Code.FOLLOW_FROZEN, memory);
        }
        if (wanted instanceof PostgresSettings.Archived) {
            return fromArchive(led, database, volume, memory);
        }
        if (!streams) {
            return Step.rest(Reason.Code.FOLLOW_WAIT_STREAM, upstream, memory);
        }
        // Its WAL is a part of the primary's only once it streams on the primary's timeline.
        return Duties.mark(led.record(), database.timeline(), volume, memory)
                .orElseGet(() -> settled(Reason.Code.FOLLOW_STREAMING, upstream, memory));
    }

    /**
     * The holder may be promoted, and its standbys and theirs go on to its new timeline, before this agent has read of it:
     * what is streamed is no divergence. An upstream that anybody else promoted is fenced, and then there is no stream.
     */
    private static boolean isAheadOfRecord(Observation now, Standing.Led led, DatabaseFacts database) {
        return Upstreams.followed(now).isPresent()
                && database.receiver() == DatabaseFacts.Receiver.STREAMING
                && database.timeline().compareTo(led.record().timeline()) > 0;
    }

    /** How far behind it is only the archive knows; that it is on the cluster's line was seen before. */
    private static Step fromArchive(Standing.Led led, DatabaseFacts database, VolumeState volume, Memory memory) {
        Memory fed = Copying.streams(memory);
        return Duties.mark(led.record(), database.timeline(), volume, fed)
                .orElseGet(() -> settled(Reason.Code.FOLLOW_ARCHIVE, "timeline=" + database.timeline(), fed));
    }

    private static Step settled(Reason.Code code, String detail, Memory memory) {
        return memory.cloned()
                ? Step.act(new Action.Discard(), Reason.Code.FOLLOW_DISCARD, memory)
                : Step.rest(code, detail, settled(memory));
    }

    private static Memory settled(Memory memory) {
        return memory.rewindFailed() ? memory.change().rewindFailed(false).build() : memory;
    }

    /**
     * Whether the holder has this system and its control file is on its own timeline, so that tools see where they part. One
     * that leads a standby cluster must stream, on the recorded timeline, for its copy to be worth more than ours.
     */
    static boolean rewindable(Observation now, Standing.Led led) {
        if (!led.record().allowsWriting()) {
            return led.view()
                    .holder()
                    .map(Holder::pod)
                    .flatMap(now::member)
                    .filter(holder -> holder.systemId().equals(led.record().systemId()))
                    .filter(holder -> holder.state() == MemberStatus.State.STREAMING)
                    .flatMap(MemberStatus::timeline)
                    .filter(led.record().timeline()::equals)
                    .isPresent();
        }
        return led.view()
                .holder()
                .map(Holder::pod)
                .flatMap(now::member)
                .filter(holder -> holder.systemId().equals(led.record().systemId()))
                .flatMap(MemberStatus::checkpointTimeline)
                .filter(led.record().timeline()::equals)
                .isPresent();
    }
}
