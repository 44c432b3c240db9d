package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.port.LeaseStore;
import org.pgpod.haagent.model.port.Reading;

/** Lists the member Leases and keeps our own up to date; all of it in one lane. */
final class Members {
    /** How often the list is read while nothing is going on. */
    private static final Duration CALM = Duration.ofSeconds(2);

    private final LeaseStore store;
    private final BootClock clock;
    private final HaAgentSettings settings;
    private final Board board;

    // Only the members lane touches this.
    private long listDueMillis;

    private volatile Optional<MemberStatus> wanted = Optional.empty();

    Members(Ports ports, HaAgentSettings settings, Board board) {
        this.store = ports.leases();
        this.clock = ports.clock();
        this.settings = settings;
        this.board = board;
    }

    /** What our member Lease should say; true when that is news which others wait for. */
    boolean offer(MemberStatus status) {
        wanted = Optional.of(status);
        return isNews(status);
    }

    /** True when something was read or written. */
    boolean tick() {
        boolean wrote = publish();
        long now = clock.nowMillis();
        if (now < listDueMillis) {
            return wrote;
        }
        listDueMillis = now + (isCalm(now) ? CALM : settings.loopInterval()).toMillis();
        list();
        return true;
    }

    private boolean publish() {
        Optional<MemberStatus> status = wanted;
        if (status.isEmpty() || !(isNews(status.get()) || refreshDue())) {
            return false;
        }
        long sentMillis = clock.nowMillis();
        if (store.putMember(status.get(), settings.timings().retryPeriod()).succeeded()) {
            board.post(facts -> facts.withPublished(Fact.seen(status.get(), sentMillis)));
            // Votes are counted in the list, so the list must show ours.
            listDueMillis = status.get().vote().isPresent() ? 0 : listDueMillis;
            return true;
        }
        return false;
    }

    private boolean refreshDue() {
        long oldest = clock.nowMillis() - settings.memberRefresh().toMillis();
        return board.facts().published().since(oldest + 1).isEmpty();
    }

    private boolean isNews(MemberStatus status) {
        return !board.facts().published().holds(last -> withoutPositions(last).equals(withoutPositions(status)));
    }

    /** Positions move all the time; they are news only in a vote, which holds its own. */
    private static MemberStatus withoutPositions(MemberStatus status) {
        return status.at(Lsn.ZERO, Lsn.ZERO, Optional.empty())
                .reporting(status.server().withSlots(new TreeMap<>()));
    }

    private boolean isCalm(long now) {
        Optional<LeaseSighting> lease = board.facts().lease().known();
        boolean expired = lease.filter(seen -> seen.expiredAt(now)).isPresent();
        return !expired
                && lease.flatMap(LeaseSighting::view)
                        .filter(LeaseView::isHeld)
                        .flatMap(view -> view.record().valid())
                        .filter(ClusterRecord::isServing)
                        .isPresent();
    }

    private void list() {
        long sentMillis = clock.nowMillis();
        if (store.readMembers(settings.timings().retryPeriod())
                instanceof Reading.Value<List<MemberLease>>(List<MemberLease> leases)) {
            long processed = clock.nowMillis();
            board.post(facts -> facts.withMembers(
                    Fact.seen(merge(facts.members().known().orElse(List.of()), leases, processed), sentMillis)));
        }
    }

    /** Members whose Lease cannot be read by this agent are left out: they neither vote nor count as alive. */
    private static List<MemberSighting> merge(List<MemberSighting> before, List<MemberLease> leases, long processed) {
        List<MemberSighting> merged = new ArrayList<>();
        for (MemberLease lease : leases) {
            lease.status()
                    .valid()
                    .ifPresent(status -> merged.add(new MemberSighting(
                            status,
                            lease.resourceVersion(),
                            before.stream()
                                    .filter(seen -> seen.status().pod().equals(status.pod()))
                                    .filter(seen -> seen.resourceVersion().equals(lease.resourceVersion()))
                                    .map(MemberSighting::changedMillis)
                                    .findFirst()
                                    .orElse(processed))));
        }
        return List.copyOf(merged);
    }
}
