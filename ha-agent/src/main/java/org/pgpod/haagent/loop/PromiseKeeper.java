package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.pgpod.core.pod.BootClock;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.PromiseRequest;
import org.pgpod.haagent.model.port.PeerPort;

/**
 * Keeps a term alive while the API does not answer, by promises of the recorded voters (rule R16). Only in synchronous
 * mode: there an election needs more votes than are left once as many voters have promised as confirm each commit. In
 * asynchronous mode anybody may be elected, so nothing that some members promise could stand for the Lease.
 */
final class PromiseKeeper {
    static final Duration INTERVAL = Duration.ofMillis(100);

    private final PeerPort peers;
    private final BootClock clock;
    private final OwnPod self;
    private final HaAgentSettings settings;
    private final Board board;
    private final LeaderLease lease;

    // Only the promise lane touches this.
    private long dueMillis;

    PromiseKeeper(Ports ports, OwnPod self, HaAgentSettings settings, Board board, LeaderLease lease) {
        this.peers = ports.peers();
        this.clock = ports.clock();
        this.self = self;
        this.settings = settings;
        this.board = board;
        this.lease = lease;
    }

    /** Asks for promises when renewals have failed for half of the time that a term lasts. */
    void tick() {
        long now = clock.nowMillis();
        Optional<LeaseTerm> term = board.facts().term();
        if (now < dueMillis || term.isEmpty() || !isAging(term.get(), now) || !lease.mayBePromised(now)) {
            return;
        }
        Optional<ClusterRecord> record = board.facts()
                .lease()
                .known()
                .flatMap(LeaseSighting::view)
                .filter(view -> view.isHeldBy(self.holder())
                        && view.epoch().equals(term.get().epoch()))
                .map(LeaseView::record)
                .flatMap(known -> known.valid())
                .filter(known -> known.mode() == ClusterRecord.Mode.SYNC && known.w() > 0);
        if (record.isPresent()) {
            dueMillis = now + settings.timings().retryPeriod().toMillis();
            ask(term.get(), record.get(), now);
        }
    }

    private boolean isAging(LeaseTerm term, long now) {
        long half = settings.timings().renewDeadline().toMillis() / 2;
        return term.renewableAt(now) && term.untilMillis() - now < half;
    }

    /** Whichever of the records the Lease holds, its voters must have promised. */
    private void ask(LeaseTerm term, ClusterRecord known, long sentMillis) {
        List<ClusterRecord> possible =
                Stream.concat(Stream.of(known), lease.uncertain().stream()).toList();
        boolean withoutVoters =
                possible.stream().anyMatch(record -> record.mode() != ClusterRecord.Mode.SYNC || record.w() < 1);
        List<MemberStatus> voters = board.facts().members().known().orElse(List.of()).stream()
                .map(MemberSighting::status)
                .filter(status -> !status.pod().equals(self.holder().pod()))
                .filter(status -> status.name()
                        .filter(name -> possible.stream()
                                .anyMatch(record -> record.voters().contains(name)))
                        .isPresent())
                .toList();
        if (withoutVoters || voters.size() < known.w()) {
            return;
        }
        PromiseRequest request = new PromiseRequest(self.cluster(), self.holder(), term.epoch(), peers.nonce());
        Set<MemberName> promised =
                Set.copyOf(peers.promises(request, voters, settings.timings().retryPeriod()));
        boolean enough = possible.stream().allMatch(record -> count(promised, record) >= record.w());
        if (enough) {
            // Every promise lasts a whole lease from when it was given, and none was given before this was sent.
            lease.prolong(term, count(promised, known), known.w(), sentMillis);
        }
    }

    private static int count(Set<MemberName> promised, ClusterRecord record) {
        return (int) promised.stream().filter(record.voters()::contains).count();
    }
}
