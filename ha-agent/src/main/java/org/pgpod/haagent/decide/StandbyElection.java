package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ClusterRecordChange;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.Voters;

/**
 * Who takes the vacant Lease of a cluster over that follows another one. Nobody could write before and nobody can after it, so
 * nothing can be lost and there are no votes: the most advanced tries first, and the compare-and-set decides. Where somebody
 * could write before, {@link Election} decides as ever, for that primary may have been promised a longer term.
 */
final class StandbyElection {
    private static final Comparator<MemberStatus> ADVANCE = Comparator.comparing(
                    (MemberStatus status) -> status.timeline().orElse(new Timeline(1)))
            .thenComparing(MemberStatus::position);

    private StandbyElection() {}

    /** Whether the configuration, as far as it was read, names another cluster. */
    static boolean isWanted(Observation now) {
        return now.standby().wish().known().flatMap(wish -> wish.remote()).isPresent();
    }

    static Step decide(Observation now, Standing.Vacant vacant, VolumeState volume, Memory memory) {
        ClusterRecord record = vacant.record();
        boolean foreign = volume.hasData()
                && record.systemId().isPresent()
                && !volume.systemId().equals(record.systemId());
        if (foreign) {
            return Step.rest(Reason.Code.BLOCKED_SYSTEM_ID, Following.systemIds(volume, record), memory);
        }
        String self = now.self().holder().pod();
        boolean barred = volume.destroying().isPresent()
                || now.self().tags().excludesFailover()
                || Storage.unfit(now, record, memory);
        List<String> order = order(now, record);
        if (barred || (!volume.hasData() && order.stream().anyMatch(pod -> !pod.equals(self)))) {
            return Step.rest(Reason.Code.ELECTION_NOT_A_CANDIDATE, memory);
        }
        if (!volume.hasData() && !now.settings().bootstrap().mayFound(self)) {
            return Bootstrap.waitForFounder(now, memory);
        }
        int rank = Math.max(0, order.indexOf(self));
        Duration turn = now.settings().rankStep().multipliedBy(rank);
        if (record.prefer().filter(pod -> !pod.equals(self)).isPresent()) {
            turn = turn.plus(now.settings().releasedGrace());
        }
        return now.passed(turn, vacant.sinceMillis())
                ? Step.act(
                        takeOver(now, vacant.view(), record, volume), Reason.Code.STANDBY_ELECT, "rank=" + rank, memory)
                : Step.rest(Reason.Code.STANDBY_WAIT_TURN, "rank=" + rank, memory);
    }

    /** The pods whose members may lead, best first. */
    private static List<String> order(Observation now, ClusterRecord record) {
        return able(now, record)
                .sorted(Comparator.comparing(
                                (MemberStatus status) -> record.failed().contains(status.pod()))
                        .thenComparing(ADVANCE.reversed())
                        .thenComparingInt(status -> -status.tags().failoverPriority())
                        .thenComparingInt(status -> now.settings().preference().rankOf(status.zone()))
                        .thenComparing(MemberStatus::pod))
                .map(MemberStatus::pod)
                .toList();
    }

    private static Stream<MemberStatus> able(Observation now, ClusterRecord record) {
        return now.alive().stream()
                .map(MemberSighting::status)
                .filter(status -> !status.tags().excludesFailover())
                .filter(status -> status.storage().isEmpty())
                .filter(status -> status.destroying().isEmpty())
                .filter(status ->
                        status.systemId().isPresent() && status.systemId().equals(record.systemId()));
    }

    /** Members other than this one that could lead, most advanced first. */
    static List<MemberStatus> successors(Observation now, ClusterRecord record) {
        return able(now, record)
                .filter(status -> !status.pod().equals(now.self().holder().pod()))
                .sorted(ADVANCE.reversed().thenComparing(MemberStatus::pod))
                .toList();
    }

    /** The compare-and-set that begins an epoch in which nobody may write. */
    static Action takeOver(Observation now, LeaseView view, ClusterRecord record, VolumeState volume) {
        ClusterRecordChange next = record.change()
                .epoch(view.epoch().next())
                .phase(ClusterRecord.Phase.STANDBY)
                // Only commits that nobody makes here any more could be synchronous.
                .mode(ClusterRecord.Mode.ASYNC, false)
                .promise(new Voters(List.of(), 0))
                .clean(false)
                .prefer(Optional.empty());
        volume.data().ifPresent(next::data);
        return new Action.TakeOver(draft(now, next.build()), view.resourceVersion());
    }

    static LeaseDraft draft(Observation now, ClusterRecord record) {
        return new LeaseDraft(
                Optional.of(now.self().holder()), now.settings().timings().leaseDuration(), record);
    }
}
