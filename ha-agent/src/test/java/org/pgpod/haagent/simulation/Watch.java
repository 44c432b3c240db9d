package org.pgpod.haagent.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.Vote;

/** Checks at every step what must always hold; it knows the truth, and not only what the agents know. */
final class Watch {
    /** What it took for news counts for a lease; then come a reading, a decision and a reload. */
    private static final long MISLED_MILLIS_MAX = 9_000;

    /** A supervisor that can act has ended an unlawful server within this time, its kill deadline included. */
    private static final long UNLAWFUL_MILLIS_MAX = 1_300;

    /** By then every agent that reaches the API has read what is new there. */
    private static final long NEWS_MILLIS = 1_500;

    /** One timeline of one system. */
    private record Name(SystemId systemId, int timeline) {}

    /** What a term of leadership was granted on. */
    private record Grant(ClusterRecord before, boolean succession) {}

    private final Cluster cluster;
    private final Map<Name, Wal> timelines = new HashMap<>();
    private final Map<Epoch, Wal> timelineOfEpoch = new HashMap<>();
    private final Map<Epoch, Grant> grants = new HashMap<>();
    private final Map<Pod, Long> unlawfulSince = new HashMap<>();
    private final Map<Wal, Long> written = new HashMap<>();
    private final Map<Pod, Vote> votes = new HashMap<>();
    private final Map<Volume, Vote> votesOfVolumes = new HashMap<>();
    private final Map<Pod, Long> misledMillis = new HashMap<>();
    private Epoch highest = Epoch.NONE;
    private boolean founded;

    /** When each timeline was first recorded as the primary's. */
    private final Map<Integer, Long> recordedMillis = new HashMap<>();

    private Optional<Wal> opened = Optional.empty();

    private final PromiseCheck promise;
    private final FollowCheck follow;

    Watch(Cluster cluster) {
        this.cluster = cluster;
        this.promise = new PromiseCheck(cluster);
        this.follow = new FollowCheck(cluster);
    }

    Violation violation(Pod pod, String what) {
        cluster.story.tell(pod.title(), () -> "VIOLATION " + what);
        return new Violation(pod.title() + ": " + what);
    }

    // ---- at every step

    void step() {
        for (Pod pod : cluster.pods) {
            if (pod.isOn()) {
                checkRightToWrite(pod);
                checkFrozen(pod);
                follow.check(pod);
            }
        }
    }

    /** I5: writable means token and lock. */
    private void checkRightToWrite(Pod pod) {
        Optional<Server> server = pod.supervisor.server;
        if (server.isEmpty() || !server.get().writable() || pod.supervisor.life.resumesMillis() > 0) {
            unlawfulSince.remove(pod);
            return;
        }
        long now = pod.node.nowMillis();
        Optional<LeaseToken> token = pod.run.token.filter(held -> held.isOfPrimary(now, pod.node.bootId()));
        if (token.filter(held -> now < held.killMillis()).isPresent()) {
            unlawfulSince.remove(pod);
            return;
        }
        long since = unlawfulSince.computeIfAbsent(pod, ignored -> cluster.time.nowMillis());
        if (cluster.time.nowMillis() - since > UNLAWFUL_MILLIS_MAX) {
            throw violation(pod, "it is writable without a valid token: " + pod.run.token);
        }
    }

    /** An API that answers with what was true before can have a voter stream; it freezes again when it has read the truth. */
    private boolean wasMisled(Pod pod) {
        long now = cluster.time.nowMillis();
        if (pod.trouble() == ApiClient.Trouble.STALE) {
            misledMillis.put(pod, now);
        }
        return Optional.ofNullable(misledMillis.get(pod))
                .filter(last -> now - last < MISLED_MILLIS_MAX)
                .isPresent();
    }

    /** R12: a vote stands only while its voter receives nothing. */
    private void checkFrozen(Pod pod) {
        Optional<Server> server = pod.supervisor.server;
        if (wasMisled(pod) || server.isEmpty() || server.get().source.isEmpty()) {
            return;
        }
        Optional<LeaseView> leader = cluster.api.leader();
        boolean stands = leader.filter(view -> Optional.ofNullable(votesOfVolumes.get(pod.volume))
                        .filter(vote -> vote.resourceVersion().equals(view.resourceVersion()))
                        .isPresent())
                .isPresent();
        if (stands) {
            throw violation(pod, "it streams while its vote stands: " + votesOfVolumes.get(pod.volume));
        }
    }

    void wrote(Pod pod, Server server) {
        Wal wal = server.data.wal;
        long before = written.getOrDefault(wal, wal.start);
        if (server.data.end <= before) {
            throw violation(pod, "timeline " + wal.timeline + " is written from two copies");
        }
        written.put(wal, server.data.end);
    }

    /** Clients are let in: they hear of every commit that was released, and read it. */
    void served(Pod pod, Server server) {
        Wal wal = server.data.wal;
        wal.acknowledged = Math.max(wal.acknowledged, server.commits.released());
        opened = Optional.of(wal);
        promise.check(pod, server);
    }

    /** R3: a term counts from when it was asked for. */
    void tokenWritten(Pod pod, LeaseToken token) {
        long latest = pod.askedMillis + pod.settings.timings().renewDeadline().toMillis();
        if (token.role() == LeaseToken.Role.PRIMARY && token.untilMillis() > latest) {
            throw violation(
                    pod, "its token lasts until " + token.untilMillis() + ", counted from its request until " + latest);
        }
    }

    // ---- the Lease

    void leaderStored(Optional<LeaseView> before, LeaseView after, Pod by) {
        cluster.story.tell(
                by.title(),
                () -> "writes the Lease: holder=" + after.holderIdentity() + " epoch="
                        + after.epoch() + " rv=" + after.resourceVersion() + " "
                        + after.record()
                                .valid()
                                .map(record -> record.phase() + " timeline " + record.timeline() + " lsn "
                                        + record.lsn() + (record.clean() ? " clean" : ""))
                                .orElse("?"));
        boolean sameHolder = before.filter(LeaseView::isHeld)
                .filter(view -> view.holderIdentity().equals(after.holderIdentity()))
                .isPresent();
        boolean rises = after.epoch().compareTo(highest) > 0;
        // A cluster that nobody ever opened may be founded anew, from the first epoch on.
        founded |= after.record()
                .valid()
                .filter(record -> !record.history().entries().isEmpty())
                .isPresent();
        if (founded && after.epoch().compareTo(highest) < 0) {
            throw violation(by, "the epoch falls from " + highest + " to " + after.epoch());
        }
        highest = after.epoch();
        follow.stored(after, by);
        after.record()
                .valid()
                .filter(record -> record.phase() == ClusterRecord.Phase.PRIMARY)
                .ifPresent(
                        record -> recordedMillis.putIfAbsent(record.timeline().id(), cluster.time.nowMillis()));
        after.record()
                .valid()
                .filter(record -> record.mode() == ClusterRecord.Mode.SYNC && record.w() > 0)
                .ifPresent(record -> opened.filter(wal ->
                                record.systemId().filter(wal.systemId::equals).isPresent())
                        .ifPresent(wal -> promise.checkCopies(by, record, wal)));
        if (!after.isHeld()) {
            checkReleased(by);
        } else if (!sameHolder) {
            // As long as nothing was ever opened a cluster may be founded twice, if somebody deletes its Lease
            // meanwhile.
            if (!rises && opened.isPresent()) {
                throw violation(by, "it acquires the Lease without raising the epoch " + after.epoch());
            }
            before.ifPresent(view -> checkTakeOver(view, after, by));
        }
    }

    private void checkReleased(Pod by) {
        if (by.server().filter(Server::writable).isPresent()) {
            throw violation(by, "it releases the Lease while its Postgres runs");
        }
    }

    private void checkTakeOver(LeaseView before, LeaseView after, Pod by) {
        Optional<ClusterRecord> record = before.record().valid();
        if (record.isEmpty()) {
            throw violation(by, "it takes over a Lease whose record it cannot read");
        }
        if (before.isHeld()) {
            checkOldHolderIsOver(before, by);
        }
        Optional<Vote> own = Optional.ofNullable(votes.get(by))
                .filter(vote -> vote.resourceVersion().equals(before.resourceVersion()));
        if (!record.get().allowsWriting()) {
            // Nobody could write before, and nobody is promoted by it: no vote is needed.
            return;
        }
        grants.put(after.epoch(), new Grant(record.get(), own.isEmpty()));
        if (own.isPresent()) {
            checkVotes(before.resourceVersion(), own.get(), record.get(), by);
        } else if (record.get().phase() != ClusterRecord.Phase.BOOTSTRAP
                && !(record.get().clean() && !before.isHeld())
                && record.get().systemId().isPresent()) {
            throw violation(by, "it takes over version " + before.resourceVersion() + " without a vote for it");
        }
    }

    void voted(Pod pod, Vote vote) {
        votes.put(pod, vote);
        votesOfVolumes.put(pod.volume, vote);
    }

    private void checkOldHolderIsOver(LeaseView before, Pod by) {
        for (Pod pod : cluster.pods) {
            boolean valid = pod != by
                    && pod.isOn()
                    && pod.run
                            .token
                            .filter(pod::believes)
                            .filter(token -> pod.node.nowMillis() < token.killMillis())
                            .isPresent();
            if (valid) {
                throw violation(
                        by,
                        "it takes over from " + before.holderIdentity() + " while the token of " + pod.title()
                                + " is valid until " + pod.run.token + " now " + pod.node.nowMillis());
            }
        }
    }

    /** R12 and R13: the take-over carries the version that the winner's vote names, and nobody it knows of is ahead. */
    private void checkVotes(String version, Vote own, ClusterRecord record, Pod by) {
        if (record.failed().contains(by.name)) {
            return;
        }
        for (MemberLease lease : cluster.api.members()) {
            Optional<MemberStatus> status = lease.status().valid();
            boolean counts = status.isPresent()
                    && by.knowsOf(lease)
                    && !status.get().tags().excludesFailover()
                    && status.get().destroying().isEmpty()
                    && !record.failed().contains(lease.pod());
            Optional<Vote> vote = status.flatMap(MemberStatus::vote)
                    .filter(cast -> counts && cast.resourceVersion().equals(version));
            if (vote.isPresent() && isAhead(lease.pod(), by, record)) {
                throw violation(
                        by,
                        "it takes over although it knows of the vote of " + lease.pod() + ": " + vote + ", its own is "
                                + own);
            }
        }
    }

    /** Whether the copy of {@code other} has all of ours, and more, on the recorded line. */
    private boolean isAhead(String other, Pod by, ClusterRecord record) {
        Optional<DataDirectory> theirs = cluster.current(other).flatMap(pod -> pod.volume.data);
        Optional<DataDirectory> ours = by.volume.data;
        return theirs.isPresent()
                && ours.isPresent()
                && theirs.get().wal == ours.get().wal
                && record.history()
                        .entryOf(new org.pgpod.core.postgres.Timeline(theirs.get().wal.timeline))
                        .isPresent()
                && theirs.get().end > ours.get().end;
    }

    // ---- servers

    void starting(Pod pod, Server server) {
        if (pod.volume.locker.filter(pod.supervisor::equals).isEmpty()) {
            throw violation(pod, "Postgres starts without the lock of the volume");
        }
        if (pod.supervisor.server.isPresent() || pod.supervisor.orphans) {
            throw violation(pod, "two servers on one data directory");
        }
        for (Pod other : cluster.pods) {
            if (other != pod
                    && other.server()
                            .filter(running -> running.data == server.data)
                            .isPresent()) {
                throw violation(pod, "two servers on one data directory, the other on " + other.title());
            }
        }
    }

    void promoted(Pod pod, Epoch epoch, Wal begun) {
        cluster.story.tell(pod.title(), () -> "is promoted in epoch " + epoch + " to " + begun);
        follow.promoted(pod, epoch);
        Wal namesake = timelines.putIfAbsent(new Name(begun.systemId, begun.timeline), begun);
        if (namesake != null) {
            throw violation(pod, "timeline " + begun + " was begun before, as " + namesake);
        }
        Wal sameEpoch = timelineOfEpoch.putIfAbsent(epoch, begun);
        if (sameEpoch != null) {
            throw violation(pod, "epoch " + epoch + " begins a second timeline: " + sameEpoch + ", " + begun);
        }
        Grant grant = grants.get(epoch);
        // One that comes too late, on a node that stood still, is fenced and serves nobody.
        boolean counts =
                cluster.api.leader().filter(view -> view.epoch().equals(epoch)).isPresent();
        if (grant != null && counts) {
            checkLoss(pod, begun, grant);
        }
    }

    /** What an election may lose: not more than the limit, counted from what the record said; a hand-over nothing. */
    private void checkLoss(Pod pod, Wal begun, Grant grant) {
        long recorded = grant.before().lsn().value();
        boolean synchronous = grant.before().mode() == ClusterRecord.Mode.SYNC;
        long limit = grant.succession() ? 0 : pod.settings.maximumLagOnFailover();
        if (!synchronous && begun.start < recorded - limit) {
            throw violation(
                    pod,
                    "it is promoted at " + Long.toHexString(begun.start) + ", the record said "
                            + grant.before().lsn() + ", the limit is " + limit);
        }
        if (!grant.succession() && !synchronous) {
            return;
        }
        opened.filter(last -> last.systemId.equals(begun.systemId)).ifPresent(last -> {
            boolean whole =
                    begun.leaves(last).filter(end -> end >= last.acknowledged).isPresent();
            if (!whole) {
                throw violation(
                        pod,
                        "its promotion to " + begun + " loses writes that were acknowledged or read, up to "
                                + Long.toHexString(last.acknowledged) + " of " + last);
            }
        });
    }

    /** I6: the last good copy is never given up. */
    void destroying(Pod pod) {
        if (follow.decides(pod) || opened.isEmpty()) {
            return;
        }
        Wal last = opened.get();
        boolean succeeded = cluster.api
                .leader()
                .flatMap(view -> view.record().valid())
                .filter(record -> record.mode() == ClusterRecord.Mode.ASYNC
                        && record.phase() == ClusterRecord.Phase.PRIMARY
                        && record.timeline().id() > last.timeline)
                .isPresent();
        if (succeeded) {
            // An election that may lose a little has decided which copy is the good one.
            return;
        }
        List<Pod> others = cluster.pods.stream()
                .filter(other -> other.volume != pod.volume)
                .toList();
        boolean had = pod.volume
                .data
                .filter(data -> data.covers(last, last.acknowledged))
                .isPresent();
        boolean elsewhere = cluster.other
                .filter(there -> there.server().data.covers(last, last.acknowledged))
                .isPresent();
        if (had && !elsewhere && others.stream().noneMatch(other -> other.volume.keeps(last, last.acknowledged))) {
            throw violation(pod, "it destroys the last good copy of " + last);
        }
    }

    /** Before its checkpoint a new primary's control file is on the old timeline, and pg_rewind sees nothing to do. */
    void rewinding(Pod pod, Server source) {
        boolean known = recordedMillis.containsKey(source.data.wal.timeline)
                && cluster.time.nowMillis() - recordedMillis.get(source.data.wal.timeline) > NEWS_MILLIS;
        if (known && source.data.checkpointTimeline != source.data.wal.timeline) {
            throw violation(pod, "it is rewound to a primary before its checkpoint on timeline " + source.data.wal);
        }
    }

    /** A promotion by hand begins a timeline that nobody reserved; its number may be taken. */
    void promotedByHand(Pod pod, Wal begun) {
        cluster.story.tell(pod.title(), () -> "is promoted by hand to " + begun);
    }

    Epoch highest() {
        return highest;
    }
}
