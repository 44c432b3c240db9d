package org.pgpod.haagent.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberFormat;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.RecordFormat;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.PodPort;

/** The Kubernetes API server with the Leases of one cluster: compare-and-set like the real one. */
final class Api {
    private static final int KEPT = 64;

    /** Every how many writes the text form of an object is put to the test. */
    private static final int TEXT_EVERY = 50;

    /** The objects as they were at one moment. */
    private record Snapshot(long atMillis, Optional<LeaseView> leader, List<MemberLease> members) {}

    private final Cluster cluster;
    final Map<String, PodPort.RoleLabel> labels = new HashMap<>();
    final List<String> takeOvers = new ArrayList<>();
    private final Map<String, MemberLease> members = new TreeMap<>();
    private List<MemberLease> listed = List.of();
    private Optional<LeaseView> leader = Optional.empty();
    private final Deque<Snapshot> past = new ArrayDeque<>();
    private long version = 1_000;
    private long writes;

    Api(Cluster cluster) {
        this.cluster = cluster;
    }

    Optional<LeaseView> leader() {
        return leader;
    }

    List<MemberLease> members() {
        return listed;
    }

    /** The leader Lease as a server sees it that lags by {@code ageMillis}. */
    Optional<LeaseView> leaderBefore(long ageMillis) {
        return before(ageMillis).map(Snapshot::leader).orElse(leader);
    }

    List<MemberLease> membersBefore(long ageMillis) {
        return before(ageMillis).map(Snapshot::members).orElse(listed);
    }

    private Optional<Snapshot> before(long ageMillis) {
        long then = cluster.time.nowMillis() - ageMillis;
        return past.stream().filter(snapshot -> snapshot.atMillis() >= then).findFirst();
    }

    private void remember() {
        past.addLast(new Snapshot(cluster.time.nowMillis(), leader, listed));
        if (past.size() > KEPT) {
            past.removeFirst();
        }
    }

    void deleteLeader() {
        remember();
        leader = Optional.empty();
    }

    /** As somebody does who restores a backup of the API's objects. */
    void restoreLeader(LeaseView old) {
        remember();
        leader = Optional.of(moved(old));
    }

    /** As somebody with kubectl would: the version moves, nothing else. */
    void annotateLeader() {
        remember();
        leader = leader.map(this::moved);
    }

    private LeaseView moved(LeaseView view) {
        return with(view, view.record());
    }

    private LeaseView with(LeaseView view, Parsed<ClusterRecord> record) {
        return new LeaseView(
                view.holderIdentity(),
                view.epoch(),
                view.renewTime(),
                view.duration(),
                Long.toString(++version),
                record);
    }

    /** As somebody does who edits the record by hand. */
    void endPause() {
        remember();
        leader = leader.map(view -> with(
                view,
                view.record()
                        .valid()
                        .<Parsed<ClusterRecord>>map(record ->
                                new Parsed.Valid<>(record.change().pause(false).build()))
                        .orElse(view.record())));
    }

    LeasePut create(Pod pod, LeaseDraft draft) {
        return leader.isPresent() ? new LeasePut.Conflict() : store(pod, draft);
    }

    LeasePut replace(Pod pod, LeaseDraft draft, String resourceVersion) {
        if (leader.isEmpty()) {
            return new LeasePut.Missing();
        }
        return leader.get().resourceVersion().equals(resourceVersion) ? store(pod, draft) : new LeasePut.Conflict();
    }

    private LeasePut store(Pod pod, LeaseDraft draft) {
        remember();
        Optional<LeaseView> before = leader;
        LeaseView stored = new LeaseView(
                draft.holder().map(Holder::toString).orElse(""),
                draft.epoch(),
                "write-" + ++writes,
                draft.duration(),
                Long.toString(++version),
                writes % TEXT_EVERY == 0
                        ? RecordFormat.parse(RecordFormat.format(draft.record()))
                        : new Parsed.Valid<>(draft.record()));
        boolean taken = before.isEmpty() || before.get().epoch().compareTo(draft.epoch()) < 0;
        if (taken) {
            takeOvers.add(draft.epoch() + ":" + pod.name);
        }
        leader = Optional.of(stored);
        cluster.watch.leaderStored(before, stored, pod);
        return new LeasePut.Accepted(stored);
    }

    void putMember(Pod pod, MemberStatus status) {
        remember();
        writes++;
        Parsed<MemberStatus> parsed =
                writes % TEXT_EVERY == 0 ? MemberFormat.parse(MemberFormat.format(status)) : new Parsed.Valid<>(status);
        members.put(pod.name, new MemberLease(pod.name, Long.toString(++version), parsed));
        listed = List.copyOf(members.values());
        status.vote().ifPresent(vote -> cluster.watch.voted(pod, vote));
    }

    Effect removeMember(Pod by, String pod, String resourceVersion) {
        MemberLease present = members.get(pod);
        if (present == null) {
            return new Effect.Unchanged();
        }
        if (!present.resourceVersion().equals(resourceVersion)) {
            return new Effect.Failed("HTTP 409");
        }
        remember();
        members.remove(pod);
        listed = List.copyOf(members.values());
        // R11: whoever the record needs stays known.
        if (leader.isPresent()
                && cluster.record().voters().stream()
                        .anyMatch(voter -> voter.pod().equals(pod))) {
            throw cluster.watch.violation(by, "it removed the recorded voter " + pod);
        }
        return new Effect.Changed();
    }

    Optional<MemberStatus> member(String pod) {
        return Optional.ofNullable(members.get(pod))
                .flatMap(lease -> lease.status().valid());
    }
}
