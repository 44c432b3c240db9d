package org.pgpod.haagent.decide;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;

/** What the holder of the Lease does: open its server within a time limit, serve, or give the Lease away. */
final class Leadership {
    private Leadership() {}

    static Step decide(Observation now, Standing.Mine mine, Memory before) {
        if (!mine.record().allowsWriting()) {
            return StandbyLeadership.decide(now, mine, before);
        }
        Optional<Step> forStorage = Storage.decide(now, mine, before);
        if (forStorage.isPresent()) {
            return forStorage.get();
        }
        Optional<VolumeState> volume = now.volume();
        Optional<SupervisorState> supervisor = now.supervisor();
        if (volume.isEmpty() || supervisor.isEmpty()) {
            return Step.rest(Reason.Code.WAIT_SUPERVISOR, before);
        }
        Memory memory = timed(now, mine, before);
        boolean late =
                memory.openingMillis() != 0 && now.passed(now.settings().primaryStartTimeout(), memory.openingMillis());
        boolean bootstrapping = mine.record().phase() == ClusterRecord.Phase.BOOTSTRAP;
        boolean servable = volume.get().hasData() && volume.get().destroying().isEmpty();
        boolean hopeless = late || !servable || Hang.isHopeless(now, mine, memory);
        if (memory.unusable() || (!bootstrapping && hopeless)) {
            return giveUp(now, mine, memory);
        }
        return switch (mine.record().phase()) {
            case BOOTSTRAP -> Bootstrap.open(now, mine, volume.get(), memory);
            case TAKEOVER -> takeOver(now, mine, volume.get(), memory);
            case PRIMARY -> primary(now, mine, volume.get(), memory);
            case RELEASED, STANDBY -> giveUp(now, mine, memory);
        };
    }

    /** Counts from when we hold the Lease without serving: until opened, and again whenever the server is not up. */
    private static Memory timed(Observation now, Standing.Mine mine, Memory memory) {
        boolean serving =
                mine.record().phase() == ClusterRecord.Phase.PRIMARY && now.postgresIs(SupervisorState.Postgres.UP);
        boolean handingOver = memory.handover().isPresent();
        if (serving || handingOver) {
            return memory.openingMillis() == 0
                    ? memory
                    : memory.change().openingMillis(0).build();
        }
        return memory.openingMillis() != 0
                ? memory
                : memory.change().openingMillis(now.nowMillis()).build();
    }

    static MemberName nameOf(Observation now, VolumeState volume) {
        return new MemberName(now.self().holder().pod(), volume.data().orElseThrow());
    }

    private static Step takeOver(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        Optional<DatabaseFacts> database = now.database();
        if (database.isPresent()) {
            return database.get().inRecovery()
                    ? StandbyDemotion.insteadOfPromotion(now, mine, volume, memory)
                            .orElseGet(() -> promote(now, mine, nameOf(now, volume), database.get(), memory))
                    : announce(
                            mine,
                            volume,
                            database.get(),
                            Synchrony.observe(now, mine, nameOf(now, volume), database.get(), memory));
        }
        if (!now.postgresIs(SupervisorState.Postgres.DOWN)) {
            return Step.rest(Reason.Code.LEAD_WAIT, memory);
        }
        return now.local()
                .control()
                .known()
                .map(control -> startAgain(now, mine, volume, control, memory))
                .orElseGet(() -> Step.act(new Action.ReadControl(), Reason.Code.FOLLOW_INSPECT, memory));
    }

    private static Step startAgain(
            Observation now, Standing.Mine mine, VolumeState volume, ControlData control, Memory memory) {
        MemberName self = nameOf(now, volume);
        if (control.timeline().equals(mine.record().timeline())) {
            PostgresSettings settings = new PostgresSettings.Primary(self, Synchrony.startSet(mine.record(), self));
            return Step.act(new Action.StartPrimary(mine.term(), settings), Reason.Code.LEAD_RESTART, memory);
        }
        PostgresSettings settings = new PostgresSettings.Detached(self);
        return StandbyDemotion.insteadOfPromotion(now, mine, volume, memory)
                .orElseGet(() -> Step.act(new Action.StartStandby(settings), Reason.Code.LEAD_RESTART, memory));
    }

    private static Step promote(
            Observation now, Standing.Mine mine, MemberName self, DatabaseFacts database, Memory memory) {
        if (database.timeline().compareTo(mine.record().timeline()) >= 0) {
            return unusable(Reason.Code.FENCE_TIMELINE, mine, database, memory);
        }
        PostgresSettings.Primary wanted = new PostgresSettings.Primary(self, Synchrony.startSet(mine.record(), self));
        // Its first commit must wait for whom the record names already.
        boolean loaded = now.local().settings().equals(Optional.of(wanted));
        if (wanted.synchronous().waits() && !loaded) {
            return Step.act(new Action.Configure(wanted), Reason.Code.LEAD_PROMOTE, "synchronous set", memory);
        }
        return Step.act(
                new Action.Promote(mine.term(), mine.record().timeline()),
                Reason.Code.LEAD_PROMOTE,
                "epoch=" + mine.record().epoch() + " timeline=" + mine.record().timeline(),
                memory);
    }

    private static Step unusable(Reason.Code why, Standing.Mine mine, DatabaseFacts database, Memory memory) {
        return Step.act(
                new Action.Stop(SupervisorRequest.Stop.IMMEDIATE),
                why,
                "timeline=" + database.timeline() + " reserved=" + mine.record().timeline(),
                memory.change().unusable(true).build());
    }

    private static Step announce(Standing.Mine mine, VolumeState volume, DatabaseFacts database, Memory memory) {
        if (!database.timeline().equals(mine.record().timeline())) {
            return unusable(Reason.Code.FENCE_TIMELINE, mine, database, memory);
        }
        if (database.timelineStart().isEmpty()) {
            return Step.rest(Reason.Code.LEAD_WAIT, "start of the timeline unknown", memory);
        }
        var entry = new TimelineHistory.Entry(
                mine.record().epoch(),
                database.timeline(),
                database.timelineStart().get());
        ClusterRecord next = mine.record()
                .change()
                .phase(ClusterRecord.Phase.PRIMARY)
                .data(volume.data().orElseThrow())
                .history(mine.record().history().with(entry))
                .lsn(database.position())
                .failed(List.of())
                .build();
        return Step.act(new Action.WriteRecord(next), Reason.Code.LEAD_OPEN, "timeline=" + database.timeline(), memory);
    }

    private static Step primary(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        Optional<Step> handover = Switchover.decide(now, mine, volume, memory);
        if (handover.isPresent()) {
            return handover.get();
        }
        if (!volume.data().equals(mine.record().data())) {
            return giveUp(now, mine, memory.change().unusable(true).build());
        }
        if (mine.record().pause()) {
            return paused(now, mine, volume, memory);
        }
        Optional<Step> demoted = StandbyDemotion.decide(now, mine, volume, memory);
        if (demoted.isPresent()) {
            return demoted.get();
        }
        if (now.postgresIs(SupervisorState.Postgres.DOWN)) {
            MemberName self = nameOf(now, volume);
            PostgresSettings settings = new PostgresSettings.Primary(self, Synchrony.startSet(mine.record(), self));
            return Step.act(new Action.StartPrimary(mine.term(), settings), Reason.Code.LEAD_RESTART, memory);
        }
        if (now.postgresIs(SupervisorState.Postgres.STOPPING)
                && now.passed(now.settings().shutdownTimeout(), memory.openingMillis())) {
            return Step.act(
                    new Action.Stop(SupervisorRequest.Stop.IMMEDIATE), Reason.Code.LEAD_RESTART, "stop hangs", memory);
        }
        return now.database()
                .map(database -> serve(now, mine, volume, database, memory))
                .orElseGet(() -> Step.rest(Reason.Code.LEAD_WAIT, memory));
    }

    /** A pause stops restarts and elections; commits that wait for a lost standby are still let go. */
    private static Step paused(Observation now, Standing.Mine mine, VolumeState volume, Memory before) {
        Optional<Step> resume = Duties.pause(now, mine, before).or(() -> Removal.asked(now, mine, before));
        Optional<DatabaseFacts> database = now.database()
                .filter(facts -> !facts.inRecovery() && mine.record().mode() == ClusterRecord.Mode.SYNC);
        if (resume.isPresent() || database.isEmpty()) {
            return resume.orElseGet(() -> Step.rest(Reason.Code.PAUSED, before));
        }
        MemberName self = nameOf(now, volume);
        Memory memory = Synchrony.observe(now, mine, self, database.get(), before);
        return Synchrony.next(now, mine, self, database.get(), memory)
                .or(() -> Duties.settings(now, mine, self, database.get(), memory))
                .orElseGet(() -> Step.rest(Reason.Code.PAUSED, memory));
    }

    private static Step serve(
            Observation now, Standing.Mine mine, VolumeState volume, DatabaseFacts database, Memory memory) {
        if (database.inRecovery()) {
            return Step.act(
                    new Action.Stop(SupervisorRequest.Stop.FAST), Reason.Code.LEAD_RESTART, "in recovery", memory);
        }
        if (!database.timeline().equals(mine.record().timeline())) {
            return unusable(Reason.Code.FENCE_TIMELINE, mine, database, memory);
        }
        Memory seen = Synchrony.observe(now, mine, nameOf(now, volume), database, memory);
        return Duties.next(now, mine, volume, database, seen)
                .orElseGet(() -> StandbyDemotion.refusal(now, mine, database)
                        .map(why -> Step.rest(Reason.Code.STANDBY_REFUSED, why, seen))
                        .orElseGet(() -> Step.rest(Reason.Code.LEAD_SERVING, seen)));
    }

    static Step giveUp(Observation now, Standing.Mine mine, Memory memory) {
        if (!now.postgresIs(SupervisorState.Postgres.DOWN)) {
            return Step.act(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE), Reason.Code.LEAD_GIVE_UP, memory);
        }
        String pod = now.self().holder().pod();
        List<String> failed = new ArrayList<>(mine.record().failed());
        if (!failed.contains(pod)) {
            failed.add(pod);
        }
        Lsn last = mine.record().lsn();
        ClusterRecord next = mine.record()
                .change()
                .phase(ClusterRecord.Phase.RELEASED)
                .clean(false)
                .lsn(last)
                .failed(failed)
                .build();
        return Step.act(new Action.Release(next), Reason.Code.LEAD_GIVE_UP, memory);
    }
}
