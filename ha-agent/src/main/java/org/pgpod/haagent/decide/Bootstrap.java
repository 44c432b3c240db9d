package org.pgpod.haagent.decide;

import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.StandbyWish;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;

/** The first member of a cluster that has no data anywhere: create the Lease, initdb, record its id, open. */
final class Bootstrap {
    /** Where a new cluster's WAL begins: Postgres leaves the first segment out. */
    static final Lsn FIRST_WAL = Lsn.parse("0/1000000");

    private Bootstrap() {}

    /** Without a leader Lease: only where nobody has data may a cluster be founded. */
    static Step found(Observation now, Memory memory) {
        Optional<VolumeState> volume = now.volume();
        if (volume.isEmpty() || now.supervisor().isEmpty()) {
            return Step.rest(Reason.Code.WAIT_SUPERVISOR, memory);
        }
        Optional<List<MemberSighting>> members = now.members().known();
        if (members.isEmpty()) {
            return Step.rest(Reason.Code.WAIT_MEMBERS, memory);
        }
        if (volume.get().hasData() || anyData(members.get())) {
            return Forced.restore(now, Optional.empty(), memory)
                    .orElseGet(() -> Step.rest(Reason.Code.BLOCKED_LEASE_MISSING, memory));
        }
        if (!now.settings().bootstrap().mayFound(now.self().holder().pod())) {
            return waitForFounder(now, memory);
        }
        if (now.standby()
                .wish()
                .known()
                .filter(wish -> !(wish instanceof StandbyWish.Unknown))
                .isEmpty()) {
            return Step.rest(Reason.Code.WAIT_CONFIGURATION, memory);
        }
        return Step.act(new Action.CreateLease(draft(now, first(now))), Reason.Code.BOOTSTRAP_CREATE, memory);
    }

    /** In synchronous mode from the first commit on: nobody may be elected who lacks it. */
    private static ClusterRecord first(Observation now) {
        if (StandbyElection.isWanted(now)) {
            return ClusterRecord.first(Epoch.NONE.next())
                    .change()
                    .phase(ClusterRecord.Phase.STANDBY)
                    .build();
        }
        SynchronousSettings wanted = now.settings().synchronous();
        return ClusterRecord.first(Epoch.NONE.next())
                .change()
                .mode(wanted.recorded(), wanted.strict())
                .build();
    }

    private static boolean anyData(List<MemberSighting> members) {
        return members.stream().anyMatch(member -> member.status().systemId().isPresent());
    }

    private static LeaseDraft draft(Observation now, ClusterRecord record) {
        return new LeaseDraft(
                Optional.of(now.self().holder()), now.settings().timings().leaseDuration(), record);
    }

    /** With a vacant Lease and an empty volume: the founder may have vanished before it made any data. */
    static Step inherit(Observation now, Standing.Vacant vacant, Memory memory) {
        Optional<List<MemberSighting>> members = now.members().known();
        // A founder may vanish after it recorded a system id and before anybody had data of it: nothing was ever
        // opened.
        boolean founded = !vacant.record().history().entries().isEmpty();
        if (founded || members.isEmpty() || anyData(members.get())) {
            return Step.rest(Reason.Code.ELECTION_NOT_A_CANDIDATE, "no data", memory);
        }
        return now.settings().bootstrap().mayFound(now.self().holder().pod())
                ? takeOver(now, vacant, Reason.Code.BOOTSTRAP_CREATE, memory)
                : waitForFounder(now, memory);
    }

    static Step waitForFounder(Observation now, Memory memory) {
        String founder = now.settings().bootstrap().member().orElse("-");
        return Step.rest(Reason.Code.BOOTSTRAP_WAIT_FOUNDER, "member=" + founder, memory);
    }

    /**
     * With a vacant Lease that was never opened, and the data of it: nobody else has a copy, for none is made of a cluster
     * that is not open. To elect this member would let clients in before the new cluster holds what it is to hold.
     */
    static Optional<Step> resume(Observation now, Standing.Vacant vacant, Memory memory) {
        if (!vacant.record().history().entries().isEmpty()) {
            return Optional.empty();
        }
        if (!now.postgresIs(SupervisorState.Postgres.DOWN)) {
            return now.supervisor().isEmpty()
                    ? Optional.of(Step.rest(Reason.Code.WAIT_SUPERVISOR, memory))
                    : Optional.of(Step.act(
                            new Action.Stop(SupervisorRequest.Stop.FAST), Reason.Code.BOOTSTRAP_RESUME, memory));
        }
        return Optional.of(takeOver(now, vacant, Reason.Code.BOOTSTRAP_RESUME, memory));
    }

    private static Step takeOver(Observation now, Standing.Vacant vacant, Reason.Code why, Memory memory) {
        boolean follows = why == Reason.Code.BOOTSTRAP_CREATE && StandbyElection.isWanted(now);
        if (follows) {
            Action led = StandbyElection.takeOver(now, vacant.view(), vacant.record(), VolumeState.EMPTY);
            return Step.act(led, why, memory);
        }
        ClusterRecord next = vacant.record()
                .change()
                .epoch(vacant.view().epoch().next())
                .phase(ClusterRecord.Phase.BOOTSTRAP)
                .build();
        return Step.act(new Action.TakeOver(draft(now, next), vacant.view().resourceVersion()), why, memory);
    }

    /** As the holder in phase bootstrap. */
    static Step open(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        if (!volume.hasData()) {
            return makeData(now, mine, memory);
        }
        if (volume.systemId().isPresent()
                && !volume.systemId().equals(mine.record().systemId())) {
            return record(mine, volume.systemId().get(), memory);
        }
        if (now.postgresIs(SupervisorState.Postgres.DOWN)) {
            MemberName self = Leadership.nameOf(now, volume);
            return Founding.recover(now, mine, self, memory)
                    .orElseGet(() -> Step.act(
                            new Action.StartPrimary(
                                    mine.term(),
                                    new PostgresSettings.Primary(self, Synchrony.startSet(mine.record(), self))),
                            Reason.Code.BOOTSTRAP_START,
                            memory));
        }
        if (!now.postgresIs(SupervisorState.Postgres.UP)) {
            return Step.rest(Reason.Code.BOOTSTRAP_WAIT, memory);
        }
        if (now.database().filter(DatabaseFacts::inRecovery).isPresent()) {
            return Step.rest(Reason.Code.BOOTSTRAP_WAIT, "in recovery", memory);
        }
        if (now.local().settings().orElse(null) instanceof PostgresSettings.Recovering) {
            if (now.database().isEmpty()) {
                String why = now.local().database() instanceof Fact.Unseen<DatabaseFacts>(String reason) ? reason : "";
                return Step.rest(Reason.Code.BOOTSTRAP_WAIT, "no answer: " + why, memory);
            }
            return Step.act(
                    new Action.Stop(SupervisorRequest.Stop.FAST),
                    Reason.Code.BOOTSTRAP_RECOVERED,
                    memory.change().founding(memory.founding().recoveredNow()).build());
        }
        // Before the roles exist only the superuser can be asked for facts.
        if (memory.rolesMillis() == 0) {
            return Founding.attempt(now, new Action.EnsureRoles(), Reason.Code.DUTY_ROLES, memory);
        }
        return now.database()
                .map(database ->
                        Founding.populate(now, mine, memory).orElseGet(() -> announce(mine, volume, database, memory)))
                .orElseGet(() -> Step.rest(Reason.Code.BOOTSTRAP_WAIT, memory));
    }

    private static Step makeData(Observation now, Standing.Mine mine, Memory memory) {
        if (memory.initialised().isEmpty()) {
            return Founding.attempt(now, new Action.Initdb(mine.term()), Reason.Code.BOOTSTRAP_INITDB, memory);
        }
        if (!memory.initialised().equals(mine.record().systemId())) {
            return record(mine, memory.initialised().get(), memory);
        }
        return Step.act(new Action.Swap(mine.term()), Reason.Code.BOOTSTRAP_SWAP, memory);
    }

    private static Step record(Standing.Mine mine, SystemId systemId, Memory memory) {
        ClusterRecord next = mine.record().change().systemId(systemId).build();
        return Step.act(new Action.WriteRecord(next), Reason.Code.BOOTSTRAP_RECORD, "systemId=" + systemId, memory);
    }

    private static Step announce(Standing.Mine mine, VolumeState volume, DatabaseFacts database, Memory memory) {
        var entry = new TimelineHistory.Entry(
                mine.record().epoch(),
                database.timeline(),
                database.timelineStart().orElse(FIRST_WAL));
        ClusterRecord next = mine.record()
                .change()
                .phase(ClusterRecord.Phase.PRIMARY)
                .data(volume.data().orElseThrow())
                .timeline(database.timeline())
                .history(mine.record().history().with(entry))
                .lsn(database.position())
                .failed(List.of())
                .build();
        return Step.act(new Action.WriteRecord(next), Reason.Code.BOOTSTRAP_OPEN, memory);
    }
}
