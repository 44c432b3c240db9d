package org.pgpod.haagent.decide;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;

/**
 * The break-glass verb (rule R20): a person has this member take a cluster over that elects nobody by itself, and answers
 * for what it lacks. It is bound to the version of the Lease that the person saw, and to the agent that was asked.
 */
final class Forced {
    private Forced() {}

    /** What the person typed for a Lease that does not exist. */
    static final String NO_LEASE = "none";

    private static Optional<Request.Failover> asked(Observation now, Memory memory) {
        return now.request()
                .filter(Request.Failover.class::isInstance)
                .map(Request.Failover.class::cast)
                .filter(request -> memory.answer()
                        .filter(answer -> answer.requestId().equals(request.id()))
                        .isEmpty());
    }

    /** As the request wants it, once this member is frozen for that version; empty when nothing is asked. */
    static Optional<Step> takeOver(
            Observation now, Standing.Vacant vacant, VolumeState volume, DatabaseFacts database, Memory memory) {
        Optional<Request.Failover> asked = asked(now, memory);
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        String version = vacant.view().resourceVersion();
        if (!asked.get().leaseVersion().equals(version)) {
            return Optional.of(refuse(asked.get(), "the leader Lease has version " + version, memory));
        }
        return Optional.of(Step.act(
                Election.takeOver(now, vacant, volume, database),
                Reason.Code.ELECTION_FORCED,
                "rv=" + version + " lsn=" + database.position(),
                answered(asked.get(), memory)));
    }

    /** A Lease that was deleted, or put back from an old copy, is made again by whom a person trusts. */
    static Optional<Step> restore(Observation now, Optional<LeaseView> lease, Memory memory) {
        Optional<Request.Failover> asked = asked(now, memory);
        Optional<VolumeState> volume = now.volume().filter(VolumeState::hasData);
        if (asked.isEmpty() || volume.isEmpty()) {
            return Optional.empty();
        }
        String version = lease.map(LeaseView::resourceVersion).orElse(NO_LEASE);
        if (!asked.get().leaseVersion().equals(version)) {
            return Optional.of(refuse(asked.get(), "the leader Lease has version " + version, memory));
        }
        LeaseDraft draft = new LeaseDraft(
                Optional.of(now.self().holder()),
                now.settings().timings().leaseDuration(),
                rebuilt(now, lease, volume.get()));
        Action action = lease.isPresent() ? new Action.TakeOver(draft, version) : new Action.CreateLease(draft);
        return Optional.of(
                Step.act(action, Reason.Code.ELECTION_FORCED, "rv=" + version, answered(asked.get(), memory)));
    }

    /** From what this member's volume and all members know: an epoch and a timeline beyond every one of them. */
    private static ClusterRecord rebuilt(Observation now, Optional<LeaseView> lease, VolumeState volume) {
        List<MemberStatus> members = now.members().known().orElse(List.of()).stream()
                .map(MemberSighting::status)
                .toList();
        Epoch epoch = Stream.concat(
                        Stream.concat(Stream.of(volume.epoch()), lease.map(LeaseView::epoch).stream()),
                        members.stream().map(MemberStatus::epoch))
                .max(Epoch::compareTo)
                .orElse(Epoch.NONE);
        TimelineHistory history = now.member(now.self().holder().pod())
                .map(MemberStatus::history)
                .filter(line -> !line.entries().isEmpty())
                .orElseGet(() -> volume.timeline()
                        .map(timeline -> TimelineHistory.EMPTY.with(
                                new TimelineHistory.Entry(volume.epoch(), timeline, Bootstrap.FIRST_WAL)))
                        .orElse(TimelineHistory.EMPTY));
        ClusterRecord first = ClusterRecord.first(epoch.next());
        return first.change()
                .phase(ClusterRecord.Phase.TAKEOVER)
                .systemId(volume.systemId().orElseThrow())
                .data(volume.data().orElseThrow())
                .history(history)
                .timeline(Election.reserve(now, first, volume.timeline().orElse(first.timeline())))
                .mode(
                        now.settings().synchronous().recorded(),
                        now.settings().synchronous().strict())
                .build();
    }

    private static Memory answered(Request.Failover request, Memory memory) {
        return memory.change()
                .answer(request.id(), new RequestAnswer.Done("taking over; what this member lacks is lost"))
                .build();
    }

    private static Step refuse(Request.Failover request, String why, Memory memory) {
        return Step.rest(
                Reason.Code.ELECTION_NOT_A_CANDIDATE,
                why,
                memory.change()
                        .answer(request.id(), new RequestAnswer.Refused(why))
                        .build());
    }
}
