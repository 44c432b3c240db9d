package org.pgpod.haagent.simulation;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.decide.Observation;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.LocalFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.Vote;

/** Observations that are wrong in one point. */
final class Observations {
    private static final long EARLY_MILLIS = 4_000;

    private Observations() {}

    private static Observation with(
            Observation now,
            HaAgentSettings settings,
            Fact<LeaseSighting> lease,
            Fact<List<MemberSighting>> members,
            LocalFacts local) {
        return new Observation(
                now.nowMillis(),
                now.startedMillis(),
                now.self(),
                settings,
                lease,
                now.term(),
                members,
                now.published(),
                local,
                now.request(),
                now.inFlight(),
                now.finished(),
                now.recordUncertain(),
                now.standby());
    }

    private static <T> Fact<T> changed(Fact<T> fact, UnaryOperator<T> change) {
        return fact instanceof Fact.Seen<T>(T value, long at) ? Fact.seen(change.apply(value), at) : fact;
    }

    private static Observation lease(Observation now, UnaryOperator<LeaseSighting> change) {
        return with(now, now.settings(), changed(now.lease(), change), now.members(), now.local());
    }

    private static Observation members(Observation now, UnaryOperator<MemberStatus> change) {
        Fact<List<MemberSighting>> members = changed(
                now.members(),
                list -> list.stream()
                        .map(seen -> new MemberSighting(
                                change.apply(seen.status()), seen.resourceVersion(), seen.changedMillis()))
                        .toList());
        return with(now, now.settings(), now.lease(), members, now.local());
    }

    private static Observation local(Observation now, LocalFacts local) {
        return with(now, now.settings(), now.lease(), now.members(), local);
    }

    private static LocalFacts local(LocalFacts from, Fact<VolumeState> volume, Fact<DatabaseFacts> database) {
        return new LocalFacts(
                from.supervisor(),
                volume,
                database,
                from.control(),
                from.proxy(),
                from.token(),
                from.settings(),
                from.libraries(),
                from.storage(),
                from.progress(),
                from.contact());
    }

    static Observation expiredEarly(Observation now) {
        return lease(now, seen -> new LeaseSighting(seen.view(), seen.changedMillis() - EARLY_MILLIS));
    }

    static Observation withoutLagLimit(Observation now) {
        return with(now, Settings.withLag(now.settings(), Long.MAX_VALUE / 4), now.lease(), now.members(), now.local());
    }

    static Observation withoutVotesOfOthers(Observation now) {
        String self = now.self().holder().pod();
        return members(
                now,
                status -> status.pod().equals(self)
                        ? status
                        : copy(status, Optional.empty(), status.checkpointTimeline()));
    }

    static Observation withCheckpointsDone(Observation now) {
        Optional<Timeline> timeline = record(now).map(ClusterRecord::timeline);
        return members(now, status -> copy(status, status.vote(), timeline.or(status::checkpointTimeline)));
    }

    /** As if nothing had been frozen, for one that has just started. */
    static Observation forgettingTheFreeze(Observation now) {
        boolean young = !now.passed(now.settings().timings().leaseDuration(), now.startedMillis());
        Fact<VolumeState> volume = changed(
                now.local().volume(),
                state -> new VolumeState(
                        state.data(),
                        state.systemId(),
                        state.epoch(),
                        state.timeline(),
                        Optional.empty(),
                        state.destroying()));
        return young ? local(now, local(now.local(), volume, now.local().database())) : now;
    }

    /** As if every standby had flushed everything. */
    static Observation withSendersCaughtUp(Observation now) {
        Fact<DatabaseFacts> database = changed(
                now.local().database(),
                facts -> senders(
                        facts,
                        facts.senders().stream()
                                .map(sender -> new DatabaseFacts.Sender(
                                        sender.pid(),
                                        sender.applicationName(),
                                        sender.state(),
                                        Lsn.max(sender.flushed(), facts.position()),
                                        sender.slot(),
                                        sender.replyTime()))
                                .toList()));
        return local(now, local(now.local(), now.local().volume(), database));
    }

    private static DatabaseFacts senders(DatabaseFacts facts, List<DatabaseFacts.Sender> senders) {
        return new DatabaseFacts(
                facts.systemId(),
                facts.inRecovery(),
                facts.timeline(),
                facts.timelineStart(),
                facts.received(),
                facts.replayed(),
                facts.replayAtEnd(),
                facts.receiver(),
                facts.detached(),
                senders,
                facts.slots(),
                facts.checkpointTimeline(),
                facts.oldestWal(),
                facts.synchronousStandbyNames(),
                facts.settingsInForce(),
                facts.pendingRestart(),
                facts.version());
    }

    /** A record without voters is taken for an asynchronous one. */
    static Observation withZeroAsAnyone(Observation now) {
        return lease(
                now,
                seen -> new LeaseSighting(
                        seen.view()
                                .map(view -> new LeaseView(
                                        view.holderIdentity(),
                                        view.epoch(),
                                        view.renewTime(),
                                        view.duration(),
                                        view.resourceVersion(),
                                        view.record()
                                                .valid()
                                                .filter(record -> record.w() == 0)
                                                .<Parsed<ClusterRecord>>map(record -> new Parsed.Valid<>(record.change()
                                                        .mode(ClusterRecord.Mode.ASYNC, false)
                                                        .build()))
                                                .orElse(view.record()))),
                        seen.changedMillis()));
    }

    static Observation withVotesOfAnyVersion(Observation now) {
        Optional<String> version =
                now.lease().known().flatMap(LeaseSighting::view).map(LeaseView::resourceVersion);
        return members(
                now,
                status -> copy(
                        status,
                        status.vote()
                                .map(vote -> new Vote(
                                        version.orElse(vote.resourceVersion()),
                                        vote.epoch(),
                                        vote.timeline(),
                                        vote.lsn())),
                        status.checkpointTimeline()));
    }

    private static Optional<ClusterRecord> record(Observation now) {
        return now.lease()
                .known()
                .flatMap(LeaseSighting::view)
                .flatMap(view -> view.record().valid());
    }

    private static MemberStatus copy(MemberStatus from, Optional<Vote> vote, Optional<Timeline> checkpoint) {
        return new MemberStatus(
                from.pod(),
                from.uid(),
                from.data(),
                from.systemId(),
                from.address(),
                from.sqlPort(),
                from.apiPort(),
                from.node(),
                from.zone(),
                from.tags(),
                from.state(),
                from.role(),
                from.epoch(),
                from.timeline(),
                from.history(),
                from.received(),
                from.replayed(),
                from.atEnd(),
                vote,
                checkpoint,
                from.destroying(),
                from.reason(),
                from.progress(),
                from.storage(),
                from.oldestWal(),
                from.libraries(),
                from.postgres(),
                from.agent(),
                from.server(),
                from.withdrawing());
    }
}
