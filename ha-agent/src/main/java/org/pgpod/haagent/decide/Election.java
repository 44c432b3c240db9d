package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.Vote;

/**
 * Who takes a vacant Lease over: freeze, vote for its version, wait for the votes of others, and let the most advanced
 * try first. Also the short way after a planned hand-over, which needs no votes.
 */
final class Election {
    private Election() {}

    static Step decide(Observation now, Standing.Vacant vacant, Memory memory) {
        Optional<VolumeState> volume = now.volume();
        if (volume.isEmpty()) {
            return Step.rest(Reason.Code.WAIT_SUPERVISOR, memory);
        }
        boolean forced =
                now.request().filter(Request.Failover.class::isInstance).isPresent();
        if (vacant.record().pause() && !forced) {
            return Step.rest(Reason.Code.PAUSED, memory);
        }
        if (!vacant.record().allowsWriting()) {
            return StandbyElection.decide(now, vacant, volume.get(), memory);
        }
        if (!volume.get().hasData()) {
            return Bootstrap.inherit(now, vacant, memory);
        }
        if (!volume.get().systemId().equals(vacant.record().systemId())) {
            return Step.rest(Reason.Code.BLOCKED_SYSTEM_ID, Following.systemIds(volume.get(), vacant.record()), memory);
        }
        if (volume.get().destroying().isPresent()
                || (forced
                        ? now.self().tags().excludesForcedFailover()
                        : now.self().tags().excludesFailover())
                || Storage.unfit(now, vacant.record(), memory)) {
            return Step.rest(Reason.Code.ELECTION_NOT_A_CANDIDATE, memory);
        }
        Optional<Step> resumed = forced ? Optional.empty() : Bootstrap.resume(now, vacant, memory);
        if (resumed.isPresent()) {
            return resumed.get();
        }
        return now.database()
                .map(database -> asCandidate(now, vacant, volume.get(), database, memory))
                .orElseGet(() -> startDetached(now, volume.get(), memory));
    }

    private static Step startDetached(Observation now, VolumeState volume, Memory memory) {
        if (!now.postgresIs(SupervisorState.Postgres.DOWN)) {
            return Step.rest(Reason.Code.WAIT_POSTGRES, memory);
        }
        PostgresSettings detached = new PostgresSettings.Detached(nameOf(now, volume));
        return Step.act(new Action.StartStandby(detached), Reason.Code.ELECTION_START, memory);
    }

    private static MemberName nameOf(Observation now, VolumeState volume) {
        return new MemberName(now.self().holder().pod(), volume.data().orElseThrow());
    }

    private static Step asCandidate(
            Observation now, Standing.Vacant vacant, VolumeState volume, DatabaseFacts database, Memory memory) {
        if (!database.inRecovery()) {
            return Step.rest(Reason.Code.WAIT_POSTGRES, "writable", memory);
        }
        ClusterRecord record = vacant.record();
        boolean first = database.timeline().id() == 1;
        if (isUnrecorded(record, database) && !first && database.timelineStart().isEmpty()) {
            return Step.rest(Reason.Code.ELECTION_NOT_A_CANDIDATE, "start of the timeline unknown", memory);
        }
        if (vacant.cause() == Standing.Cause.RELEASED && record.clean()) {
            Optional<Step> handedOver = Succession.decide(now, vacant, volume, database, memory);
            if (handedOver.isPresent()) {
                return handedOver.get();
            }
        }
        if (!now.passed(now.settings().timings().leaseDuration(), freeSince(now, record, memory))) {
            return Step.rest(Reason.Code.ELECTION_QUARANTINE, memory);
        }
        String version = vacant.view().resourceVersion();
        if (memory.vote().filter(vote -> vote.resourceVersion().equals(version)).isEmpty()) {
            return freeze(now, vacant, volume, database, memory);
        }
        Optional<Step> forced = Forced.takeOver(now, vacant, volume, database, memory);
        if (forced.isPresent()) {
            return forced.get();
        }
        return afterVoting(now, vacant, volume, database, memory);
    }

    /**
     * From when nothing that was said in this member's name can bind it. An earlier run of this agent may have voted; in
     * synchronous mode a pod that we replaced may have promised not to, for as long as it had the volume.
     */
    private static long freeSince(Observation now, ClusterRecord record, Memory memory) {
        long tenure = memory.tenure().map(Memory.Tenure::sinceMillis).orElse(now.nowMillis());
        return record.mode() == ClusterRecord.Mode.SYNC ? Math.max(now.startedMillis(), tenure) : now.startedMillis();
    }

    private static Step freeze(
            Observation now, Standing.Vacant vacant, VolumeState volume, DatabaseFacts database, Memory memory) {
        String version = vacant.view().resourceVersion();
        PostgresSettings detached = new PostgresSettings.Detached(nameOf(now, volume));
        if (!now.local().settings().equals(Optional.of(detached))) {
            return Step.act(new Action.Configure(detached), Reason.Code.ELECTION_FREEZE, memory);
        }
        if (!database.isFrozen()) {
            return Step.rest(Reason.Code.ELECTION_WAIT_FREEZE, memory);
        }
        if (!volume.frozen().equals(Optional.of(version))) {
            return Step.act(new Action.MarkVolume(Map.of("frozen", version)), Reason.Code.ELECTION_MARK, memory);
        }
        Vote vote = vote(version, volume, database);
        if (offTheLine(vacant.record(), volume, database, vote)) {
            return Step.rest(Reason.Code.ELECTION_NOT_A_CANDIDATE, "diverged", memory);
        }
        return Step.rest(
                Reason.Code.ELECTION_VOTED,
                "rv=" + version + " timeline=" + vote.timeline() + " lsn=" + vote.lsn(),
                memory.change().vote(vote).build());
    }

    static Vote vote(String version, VolumeState volume, DatabaseFacts database) {
        boolean marked = volume.timeline().equals(Optional.of(database.timeline()));
        return new Vote(version, marked ? volume.epoch() : Epoch.NONE, database.timeline(), database.position());
    }

    /** A timeline that was reserved and promoted but not yet recorded is on the line by its epoch. */
    private static boolean offTheLine(ClusterRecord record, VolumeState volume, DatabaseFacts database, Vote vote) {
        boolean reserved =
                vote.timeline().equals(record.timeline()) && vote.epoch().equals(record.epoch());
        boolean first = record.history().entries().isEmpty();
        return !reserved && !first && Divergence.of(database, volume, record.history()) != Divergence.NONE;
    }

    private static Step afterVoting(
            Observation now, Standing.Vacant vacant, VolumeState volume, DatabaseFacts database, Memory memory) {
        Vote own = memory.vote().orElseThrow();
        if (memory.votedMillis() == 0) {
            boolean published = now.published().holds(status -> status.vote().equals(memory.vote()));
            return Step.rest(
                    Reason.Code.ELECTION_WAIT_VOTES,
                    published ? memory.change().votedMillis(now.nowMillis()).build() : memory);
        }
        if (!now.passed(patience(now, vacant), memory.votedMillis())) {
            return Step.rest(Reason.Code.ELECTION_WAIT_VOTES, memory);
        }
        if (!database.isFrozen() || !database.position().equals(own.lsn())) {
            return Step.rest(
                    Reason.Code.ELECTION_WAIT_FREEZE,
                    "moved",
                    memory.change().noVote().build());
        }
        return tally(now, vacant, volume, database, memory);
    }

    /** The last holder most likely has the most: once it shows that it is back, its vote is waited for a while longer. */
    private static Duration patience(Observation now, Standing.Vacant vacant) {
        String version = vacant.view().resourceVersion();
        boolean owing = now.members().known().orElse(List.of()).stream()
                .filter(member -> member.changedMillis() > vacant.sinceMillis())
                .map(MemberSighting::status)
                .filter(status -> vacant.record().data().isPresent()
                        && status.data().equals(vacant.record().data()))
                .filter(status -> !status.tags().excludesFailover()
                        && !vacant.record().failed().contains(status.pod()))
                .anyMatch(status -> status.vote()
                        .filter(vote -> vote.resourceVersion().equals(version))
                        .isEmpty());
        Duration usual = now.settings().voteWait();
        return owing ? usual.plus(now.settings().timings().leaseDuration().dividedBy(2)) : usual;
    }

    private static Step tally(
            Observation now, Standing.Vacant vacant, VolumeState volume, DatabaseFacts database, Memory memory) {
        Vote own = memory.vote().orElseThrow();
        List<Candidate> candidates = candidates(now, vacant, own);
        Optional<Candidate> self = candidates.stream()
                .filter(candidate -> candidate.pod().equals(now.self().holder().pod()))
                .findFirst();
        if (self.isEmpty()) {
            return Step.rest(Reason.Code.ELECTION_NOT_A_CANDIDATE, memory);
        }
        Optional<Step> unfit = vacant.record().mode() == ClusterRecord.Mode.SYNC
                ? unproven(now, vacant.record(), self.get(), candidates, memory)
                : lagging(now, vacant.record(), own, memory);
        if (unfit.isPresent()) {
            return unfit.get();
        }
        // What was acknowledged in synchronous mode may be on one who failed before, so it counts there.
        boolean all = vacant.record().mode() == ClusterRecord.Mode.SYNC;
        Optional<Candidate> ahead = candidates.stream()
                .filter(other -> (all || !other.failed()) && Candidate.ADVANCE.compare(other, self.get()) > 0)
                .findFirst();
        if (ahead.isPresent() && (all || !self.get().failed())) {
            return Step.rest(Reason.Code.ELECTION_BEHIND, "ahead=" + ahead.get().pod(), memory);
        }
        int rank = candidates.indexOf(self.get());
        Duration turn = turn(now, self.get(), rank);
        if (!now.passed(turn, memory.votedMillis())) {
            return Step.rest(Reason.Code.ELECTION_RANKED, "rank=" + rank, memory);
        }
        return Step.act(
                takeOver(now, vacant, volume, database),
                Reason.Code.ELECTION_WON,
                "rank=" + rank + " lsn=" + own.lsn() + " votes=" + candidates.size(),
                memory);
    }

    private static Optional<Step> lagging(Observation now, ClusterRecord record, Vote own, Memory memory) {
        long lag = record.lsn().minus(own.lsn());
        if (lag <= now.settings().maximumLagOnFailover()) {
            return Optional.empty();
        }
        Reason.Code why = outwaited(now, memory) ? Reason.Code.BLOCKED_LAG : Reason.Code.ELECTION_LAGS_TOO_FAR;
        return Optional.of(Step.rest(why, "lagBytes=" + lag, memory));
    }

    /** Without so many votes of recorded voters, or being the last holder itself, it may lack what was acknowledged. */
    private static Optional<Step> unproven(
            Observation now, ClusterRecord record, Candidate self, List<Candidate> candidates, Memory memory) {
        boolean lastHolder = self.data().isPresent() && self.data().equals(record.data());
        long votes = candidates.stream()
                .filter(voter -> voter.isOneOf(record.voters()))
                .count();
        int needed = record.promise().votesNeeded();
        // A cluster that its founder never opened has acknowledged nothing yet.
        boolean neverOpened = record.history().entries().isEmpty();
        if (lastHolder || neverOpened || votes >= needed) {
            return Optional.empty();
        }
        Reason.Code why = outwaited(now, memory) ? Reason.Code.BLOCKED_VOTES : Reason.Code.ELECTION_WAIT_VOTES;
        List<String> missing = record.voters().stream()
                .filter(voter -> candidates.stream().noneMatch(candidate -> candidate.isOneOf(List.of(voter))))
                .map(MemberName::toString)
                .toList();
        return Optional.of(Step.rest(why, "votes=" + votes + " needed=" + needed + " missing=" + missing, memory));
    }

    /** Whether others had all the time they need: from here on only a missing member, or a person, helps. */
    private static boolean outwaited(Observation now, Memory memory) {
        return now.passed(now.settings().timings().leaseDuration(), memory.votedMillis());
    }

    /** One who failed to open its last term leaves the others a whole lease to try. */
    private static Duration turn(Observation now, Candidate self, int rank) {
        Duration turn = now.settings().voteWait().plus(now.settings().rankStep().multipliedBy(rank));
        return self.failed() ? turn.plus(now.settings().timings().leaseDuration()) : turn;
    }

    /** All who may be elected at this version, best first: living members with a vote for it, and we. */
    static List<Candidate> candidates(Observation now, Standing.Vacant vacant, Vote own) {
        String version = vacant.view().resourceVersion();
        Optional<MemberStatus> last = lastHolder(now, vacant);
        String self = now.self().holder().pod();
        List<Candidate> candidates = new ArrayList<>();
        for (MemberSighting member : now.alive()) {
            MemberStatus status = member.status();
            Optional<Vote> vote = status.pod().equals(self) ? Optional.of(own) : status.vote();
            vote.filter(cast -> cast.resourceVersion().equals(version))
                    .flatMap(cast -> Candidate.of(
                            status, cast, vacant.record(), last, now.settings().preference()))
                    .ifPresent(candidates::add);
        }
        candidates.sort(Candidate.BEST_FIRST);
        return candidates;
    }

    private static Optional<MemberStatus> lastHolder(Observation now, Standing.Vacant vacant) {
        return vacant.view()
                .holder()
                .map(Holder::pod)
                .or(() -> podOf(now, vacant.record()))
                .flatMap(now::member);
    }

    private static Optional<String> podOf(Observation now, ClusterRecord record) {
        return now.members().known().orElse(List.of()).stream()
                .map(MemberSighting::status)
                .filter(status -> record.data().isPresent() && status.data().equals(record.data()))
                .map(MemberStatus::pod)
                .findFirst();
    }

    /**
     * The compare-and-set that begins our term: next epoch, a timeline that nobody knows yet, everything else as it was. Where
     * the cluster is to follow another one, whoever is elected leads it there instead.
     */
    static Action takeOver(Observation now, Standing.Vacant vacant, VolumeState volume, DatabaseFacts database) {
        if (StandbyElection.isWanted(now)) {
            return StandbyElection.takeOver(now, vacant.view(), vacant.record(), volume);
        }
        ClusterRecord record = vacant.record()
                .change()
                .epoch(vacant.view().epoch().next())
                .phase(ClusterRecord.Phase.TAKEOVER)
                .data(volume.data().orElseThrow())
                .timeline(reserve(now, vacant.record(), database.timeline()))
                .history(withUnrecorded(vacant.record(), database))
                .lsn(database.position())
                .clean(false)
                .prefer(Optional.empty())
                .build();
        Duration duration = now.settings().timings().leaseDuration();
        return new Action.TakeOver(
                new LeaseDraft(Optional.of(now.self().holder()), duration, record),
                vacant.view().resourceVersion());
    }

    /**
     * The last holder may have opened its timeline and vanished before it recorded where that began; without it a copy of
     * the timeline before would seem to end where ours begins.
     */
    private static TimelineHistory withUnrecorded(ClusterRecord record, DatabaseFacts database) {
        TimelineHistory line = record.history();
        if (isUnrecorded(record, database)) {
            return database.timelineStart()
                    .map(start -> line.with(new TimelineHistory.Entry(record.epoch(), database.timeline(), start)))
                    .orElse(line);
        }
        // Timelines that were begun after our own are left out by our election: who is on one of them must see it.
        return line.placeOf(database.timeline()).isPresent() ? line.upTo(database.timeline()) : line;
    }

    private static boolean isUnrecorded(ClusterRecord record, DatabaseFacts database) {
        return database.timeline().equals(record.timeline())
                && record.history().entryOf(database.timeline()).isEmpty();
    }

    static Timeline reserve(Observation now, ClusterRecord record, Timeline own) {
        Stream<Timeline> ofMembers = now.members().known().orElse(List.of()).stream()
                .map(MemberSighting::status)
                .flatMap(status -> Stream.concat(
                        Stream.concat(status.timeline().stream(), status.vote().map(Vote::timeline).stream()),
                        timelines(status.history())));
        Stream<Timeline> known = Stream.concat(Stream.of(record.timeline(), own), timelines(record.history()));
        return Stream.concat(known, ofMembers)
                .max(Comparator.naturalOrder())
                .orElse(own)
                .next();
    }

    private static Stream<Timeline> timelines(TimelineHistory history) {
        return history.entries().stream().map(TimelineHistory.Entry::timeline);
    }
}
