package org.pgpod.haagent.simulation;

import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.decide.Action;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.Observation;
import org.pgpod.haagent.decide.Reason;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.Voters;

/** The known bugs of peers, and rules of the protocol dropped one by one. */
final class Mutants {
    private Mutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.named("late-version", "a take-over carries a version read after the decision (Patroni #3718)")
                        .through(MutantPorts::lateVersion),
                Mutant.named("early-promotion", "a Lease counts as expired while its holder may write (CNPG #11114)")
                        .seeing(Observations::expiredEarly),
                Mutant.named("writable-before-lease", "Postgres starts writable before the Lease is held (CNPG #11354)")
                        .with(Mutant.Habit.STARTS_WITHOUT_TOKEN),
                Mutant.named("asymmetric-order", "each candidate finds itself the best (CNPG #11495)")
                        .seeing(Observations::withoutVotesOfOthers),
                Mutant.named("stale-standby", "the lag limit is not applied (stolon #783)")
                        .seeing(Observations::withoutLagLimit),
                Mutant.named("started-twice", "two demotions at once start Postgres twice (Patroni #3649)")
                        .with(Mutant.Habit.STARTS_TWICE),
                Mutant.named("early-rewind", "a copy is rewound before the new primary's checkpoint (Patroni #3367)")
                        .seeing(Observations::withCheckpointsDone),
                Mutant.named("recruit-streams", "a voter that restarts forgets that it is frozen")
                        .seeing(Observations::forgettingTheFreeze),
                Mutant.named("only-the-postmaster", "Postgres is called down while backends of it live")
                        .with(Mutant.Habit.KILLS_ONLY_THE_POSTMASTER),
                Mutant.named("renewal-from-response", "a term counts from when its grant was answered")
                        .through(MutantPorts::fromTheAnswer),
                Mutant.named("fast-stop-in-fence", "a fence waits for an orderly stop")
                        .with(Mutant.Habit.STOPS_FAST_IN_FENCE),
                Mutant.named("release-before-stop", "the Lease is released before Postgres has stopped")
                        .deciding(Mutants::releasingAtOnce),
                Mutant.named("timeline-not-reserved", "a take-over takes the next timeline of its own copy")
                        .deciding(Mutants::takingTheNextTimeline),
                Mutant.named("tail-archived", "WAL past the fork is archived").with(Mutant.Habit.ARCHIVES_THE_TAIL),
                Mutant.named("epoch-reset", "a Lease that is made again begins with epoch 1")
                        .through((pod, ports) -> MutantPorts.epochReset(ports)),
                Mutant.named("restart-after-crash", "Postgres restarts by itself and shows what nobody confirmed")
                        .with(Mutant.Habit.RESTARTS_AFTER_CRASH),
                Mutant.named("voter-forgotten", "a member is removed whoever it is")
                        .deciding(Mutants::removingAnybody),
                Mutant.named("set-replaced", "a take-over records other voters than those it found")
                        .deciding(Mutants::replacingVoters),
                Mutant.named("unproved-voters", "new voters are recorded before they have what was acknowledged")
                        .seeing(Observations::withSendersCaughtUp),
                Mutant.named("zero-means-anyone", "without voters anybody may be elected")
                        .seeing(Observations::withZeroAsAnyone),
                Mutant.named("too-few-promises", "N-W+1 promises, and not W, stand for the Lease")
                        .through(MutantPorts::promisedByFew),
                Mutant.named("votes-of-any-version", "a vote for an earlier version of the Lease counts for this one")
                        .seeing(Observations::withVotesOfAnyVersion),
                Mutant.named("no-boot-id", "a token of an earlier boot counts")
                        .with(Mutant.Habit.TRUSTS_TOKENS_OF_OTHER_BOOTS));
    }

    static Optional<Mutant> named(String name) {
        return all().stream().filter(mutant -> mutant.name().equals(name)).findFirst();
    }

    private static Decision acting(Decision from, Action action) {
        return new Decision(action, from.reason(), from.token(), from.status(), from.memory());
    }

    private static Decision releasingAtOnce(Observation now, Decision decision) {
        Optional<ClusterRecord> record = now.lease()
                .known()
                .flatMap(LeaseSighting::view)
                .flatMap(view -> view.record().valid());
        Optional<DatabaseFacts> database = now.database();
        boolean stops = decision.reason().code() == Reason.Code.SWITCHOVER_STOP;
        return stops && record.isPresent() && database.isPresent()
                ? acting(
                        decision,
                        new Action.Release(record.get()
                                .change()
                                .phase(ClusterRecord.Phase.RELEASED)
                                .lsn(database.get().position())
                                .clean(true)
                                .build()))
                : decision;
    }

    private static Decision takingTheNextTimeline(Observation now, Decision decision) {
        Optional<Timeline> own = now.database().map(DatabaseFacts::timeline);
        return decision.action() instanceof Action.TakeOver(LeaseDraft draft, String version) && own.isPresent()
                ? acting(
                        decision,
                        takeOver(
                                draft,
                                version,
                                draft.record()
                                        .change()
                                        .timeline(own.get().next())
                                        .build()))
                : decision;
    }

    private static Decision replacingVoters(Observation now, Decision decision) {
        if (!(decision.action() instanceof Action.TakeOver(LeaseDraft draft, String version))
                || draft.record().w() == 0) {
            return decision;
        }
        List<MemberName> others = now.members().known().orElse(List.of()).stream()
                .map(MemberSighting::status)
                .filter(status -> !status.pod().equals(now.self().holder().pod()))
                .map(MemberStatus::name)
                .flatMap(Optional::stream)
                .toList();
        return acting(
                decision,
                takeOver(
                        draft,
                        version,
                        draft.record()
                                .change()
                                .promise(new Voters(others, others.size()))
                                .build()));
    }

    private static Decision removingAnybody(Observation now, Decision decision) {
        return now.request().orElse(null) instanceof Request.Remove(String ignored, String pod)
                ? now.members().known().orElse(List.of()).stream()
                        .filter(member -> member.status().pod().equals(pod))
                        .findFirst()
                        .map(member -> acting(decision, new Action.RemoveMember(pod, member.resourceVersion())))
                        .orElse(decision)
                : decision;
    }

    private static Action takeOver(LeaseDraft draft, String version, ClusterRecord record) {
        return new Action.TakeOver(new LeaseDraft(draft.holder(), draft.duration(), record), version);
    }
}
