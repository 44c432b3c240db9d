package org.pgpod.haagent.simulation;

import java.util.Optional;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.Voters;

/** I1 and I2: what is acknowledged is on as many recorded voters as was promised, whatever the record says now. */
final class PromiseCheck {
    private final Cluster cluster;

    PromiseCheck(Cluster cluster) {
        this.cluster = cluster;
    }

    void check(Pod primary, Server server) {
        Optional<ClusterRecord> record = cluster.api
                .leader()
                .filter(view -> view.isHeldBy(primary.holder()))
                .map(LeaseView::record)
                .flatMap(parsed -> parsed.valid())
                .filter(known -> known.mode() == ClusterRecord.Mode.SYNC && known.w() > 0);
        if (record.isEmpty()) {
            return;
        }
        checkSets(primary, server, record.get().promise());
        checkCopies(primary, record.get(), server.data.wal);
    }

    /** Whether enough of the recorded voters have what was acknowledged on {@code wal}. */
    void checkCopies(Pod primary, ClusterRecord record, Wal wal) {
        long holding = record.voters().stream()
                .filter(voter -> has(voter, wal, wal.acknowledged))
                .count();
        if (holding < record.w()) {
            throw cluster.watch.violation(
                    primary,
                    "acknowledged commits up to " + Long.toHexString(wal.acknowledged) + " are on " + holding + " of "
                            + record.voters() + " and w is " + record.w());
        }
    }

    private void checkSets(Pod primary, Server server, Voters voters) {
        MemberName holder =
                new MemberName(primary.name, primary.volume.state.data().orElseThrow());
        for (SynchronousSet set : server.commits.inEffect()) {
            if (!voters.keptBy(set, holder)) {
                throw cluster.watch.violation(
                        primary, "the set in effect, " + set.text() + ", does not keep the recorded promise " + voters);
            }
        }
    }

    /** A voter whose volume is gone has it no more; that is what the other copies are for. */
    private boolean has(MemberName voter, Wal wal, long end) {
        return cluster.wiped.contains(voter)
                || cluster.pods.stream()
                        .filter(pod -> pod.name.equals(voter.pod()))
                        .anyMatch(pod -> pod.volume
                                        .state
                                        .data()
                                        .filter(voter.data()::equals)
                                        .isPresent()
                                && pod.volume
                                        .data
                                        .filter(data -> data.covers(wal, end))
                                        .isPresent());
    }
}
