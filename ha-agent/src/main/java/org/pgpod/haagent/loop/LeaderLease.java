package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.decide.Action;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.port.LeaseStore;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SupervisorPort;

/**
 * Reads, renews and writes the leader Lease; all of it in one lane, so that no two of our writes race. Terms are made
 * here and nowhere else, and count from before the write that granted them was sent.
 */
final class LeaderLease {
    static final Duration INTERVAL = Duration.ofMillis(100);

    private final LeaseStore store;
    private final SupervisorPort supervisor;
    private final BootClock clock;
    private final Holder self;
    private final HaAgentSettings settings;
    private final Board board;
    private final TokenKeeper token;
    private final Fencing fencing;

    // Only the renew lane touches these.
    private long dueMillis;
    private Epoch attempted = Epoch.NONE;

    /** Records whose writes were not answered: one of them may have been stored. */
    private volatile List<ClusterRecord> uncertain = List.of();

    LeaderLease(Ports ports, Holder self, HaAgentSettings settings, Board board, TokenKeeper token, Fencing fencing) {
        this.store = ports.leases();
        this.supervisor = ports.supervisor();
        this.clock = ports.clock();
        this.self = self;
        this.settings = settings;
        this.board = board;
        this.token = token;
        this.fencing = fencing;
    }

    /** Renews if we hold the Lease and are due, else reads if that is due. True when there may be news. */
    boolean tick() {
        long now = clock.nowMillis();
        if (now < dueMillis) {
            return false;
        }
        Optional<LeaseTerm> term = board.facts().term();
        if (term.isPresent()) {
            dueMillis = now + settings.timings().retryPeriod().toMillis();
            if (term.get().renewableAt(now) && supervisorAnswers(now)) {
                renew(term.get(), Optional.empty());
            }
        } else {
            read();
            dueMillis = nextRead(now);
        }
        return true;
    }

    /** Soon while something is going on, at the very expiry if that comes first, else as often as one renews. */
    private long nextRead(long now) {
        Optional<LeaseSighting> sighting = board.facts().lease().known();
        boolean settled = sighting.flatMap(LeaseSighting::view)
                .filter(LeaseView::isHeld)
                .flatMap(view -> view.record().valid())
                .filter(ClusterRecord::isServing)
                .isPresent();
        boolean expired = sighting.filter(seen -> seen.expiredAt(now)).isPresent();
        // Twice as often as it is renewed, so that all observers count its expiry from nearly the same moment.
        Duration pause = settled && !expired ? settings.timings().retryPeriod().dividedBy(2) : settings.loopInterval();
        long next = now
                + Math.min(pause.toMillis(), settings.timings().retryPeriod().toMillis());
        long expiry = sighting.flatMap(LeaseSighting::expiryMillis).orElse(next);
        return expiry > now ? Math.min(next, expiry) : next;
    }

    /** A primary whose supervisor is silent could not be fenced by it: such a term is left to end. */
    private boolean supervisorAnswers(long now) {
        return supervisorNow(now).isPresent();
    }

    private Optional<SupervisorState> supervisorNow(long now) {
        long oldest = now - settings.timings().renewDeadline().toMillis() / 2;
        return supervisor.readState() instanceof Reading.Value<SupervisorState>(SupervisorState state)
                ? Optional.of(state).filter(said -> said.atMillis() >= oldest)
                : Optional.empty();
    }

    /**
     * Whether promises may stand for the Lease. A pod that took our place may have the volume, and with it all that the
     * last holder had: it needs no votes, so no promise keeps it from being elected.
     */
    boolean mayBePromised(long now) {
        return supervisorNow(now).filter(SupervisorState::hasVolume).isPresent();
    }

    private Duration limit(long now) {
        long retry = settings.timings().retryPeriod().toMillis();
        long left = board.facts().term().map(term -> term.stopMillis() - now).orElse(retry);
        return Duration.ofMillis(Math.max(1, Math.min(retry, left)));
    }

    private Optional<LeaseView> read() {
        long sentMillis = clock.nowMillis();
        switch (store.readLeader(limit(sentMillis))) {
            case Reading.Failure<Optional<LeaseView>>(String reason) -> {
                if (board.facts().lease() instanceof Fact.Unseen) {
                    board.post(facts -> facts.withLease(Fact.unseen(reason)));
                }
                return Optional.empty();
            }
            case Reading.Value<Optional<LeaseView>>(Optional<LeaseView> view) -> {
                sighted(view, sentMillis);
                view.filter(this::adoptable).ifPresent(this::adopt);
                return view;
            }
        }
    }

    private void sighted(Optional<LeaseView> view, long sentMillis) {
        long processed = clock.nowMillis();
        board.post(facts -> facts.withLease(Fact.seen(
                facts.lease()
                        .known()
                        .map(before -> before.then(view, processed))
                        .orElseGet(() -> new LeaseSighting(view, processed)),
                sentMillis)));
    }

    /** Ours by name, without a term: a take-over whose answer was lost, or what an earlier run of this agent held. */
    private boolean adoptable(LeaseView view) {
        if (!view.isHeldBy(self) || board.facts().term().isPresent() || token.isFenced(view.epoch())) {
            return false;
        }
        long now = clock.nowMillis();
        boolean inherited = board.facts()
                .local()
                .token()
                .filter(left -> left.role() == LeaseToken.Role.PRIMARY)
                .filter(left -> left.epoch().equals(view.epoch()) && now < left.stopMillis())
                .isPresent();
        return inherited || view.epoch().equals(attempted);
    }

    private void adopt(LeaseView view) {
        if (view.record() instanceof Parsed.Valid<ClusterRecord>(ClusterRecord record)
                && supervisorAnswers(clock.nowMillis())) {
            replace(draft(record), view.resourceVersion());
        }
    }

    private LeaseDraft draft(ClusterRecord record) {
        return new LeaseDraft(Optional.of(self), settings.timings().leaseDuration(), record);
    }

    /** One write of the Lease in the lane that renews it; empty when it succeeded, else why not. */
    Optional<String> perform(Action.LeaseWrite write) {
        return switch (write) {
            case Action.CreateLease(LeaseDraft draft) -> begin(draft, Optional.empty());
            case Action.TakeOver(LeaseDraft draft, String version) -> begin(draft, Optional.of(version));
            case Action.WriteRecord(ClusterRecord record) ->
                asHolder(record)
                        .map(term -> renew(term, Optional.of(record)))
                        .orElseGet(() -> Optional.of("the term is over"));
            case Action.Release(ClusterRecord record) ->
                asHolder(record).map(term -> release(term, record)).orElseGet(() -> Optional.of("the term is over"));
        };
    }

    private Optional<LeaseTerm> asHolder(ClusterRecord record) {
        return board.facts()
                .term()
                .filter(term -> term.epoch().equals(record.epoch()) && term.renewableAt(clock.nowMillis()));
    }

    private Optional<String> begin(LeaseDraft draft, Optional<String> version) {
        attempted = draft.epoch();
        Optional<String> failure = version.map(seen -> replace(draft, seen))
                .or(() -> Optional.of(create(draft)))
                .flatMap(LeaderLease::describe);
        dueMillis = 0;
        return failure;
    }

    /** A renewal, with the given record or else the last one, moved on to where WAL is now. */
    private Optional<String> renew(LeaseTerm term, Optional<ClusterRecord> wanted) {
        Optional<LeaseView> last = board.facts().lease().known().flatMap(LeaseSighting::view);
        Optional<ClusterRecord> record =
                wanted.or(() -> last.flatMap(view -> view.record().valid()).map(this::movedOn));
        if (last.isEmpty() || record.isEmpty()) {
            return Optional.of("the record is unknown");
        }
        if (wanted.isPresent()) {
            uncertain = Stream.concat(uncertain.stream(), wanted.stream())
                    .distinct()
                    .toList();
        }
        LeasePut put = replace(draft(record.get()), last.get().resourceVersion());
        return describe(
                switch (put) {
                    case LeasePut.Conflict ignored -> afterConflict(term, record.get());
                    case LeasePut.Missing ignored -> recreate(term, record.get());
                    default -> put;
                });
    }

    private ClusterRecord movedOn(ClusterRecord record) {
        return board.facts()
                .local()
                .database()
                .known()
                .filter(database -> record.isServing() && database.inRecovery() != record.allowsWriting())
                .map(DatabaseFacts::position)
                .filter(lsn -> lsn.isAtLeast(record.lsn()))
                .map(lsn -> record.change().lsn(lsn).build())
                .orElse(record);
    }

    /** Somebody wrote the Lease: a late write of our own, or a person, is taken up; another holder ends us. */
    private LeasePut afterConflict(LeaseTerm term, ClusterRecord record) {
        long sentMillis = clock.nowMillis();
        return switch (store.readLeader(limit(sentMillis))) {
            case Reading.Failure<Optional<LeaseView>>(String reason) -> new LeasePut.Failed(reason);
            case Reading.Value<Optional<LeaseView>>(Optional<LeaseView> view) -> {
                if (view.isEmpty()) {
                    yield recreate(term, record);
                }
                if (view.get().isHeldBy(self) && view.get().epoch().equals(term.epoch())) {
                    yield term.renewableAt(clock.nowMillis())
                            ? replace(draft(record), view.get().resourceVersion())
                            : new LeasePut.Failed("the term is over");
                }
                fencing.lost(term);
                board.post(facts -> facts.withTerm(Optional.empty()));
                sighted(view, sentMillis);
                yield new LeasePut.Conflict();
            }
        };
    }

    /** Only the holder, within its term, may make a deleted Lease again; the epoch rises with it. */
    private LeasePut recreate(LeaseTerm term, ClusterRecord record) {
        if (!term.renewableAt(clock.nowMillis())) {
            return new LeasePut.Failed("the term is over");
        }
        return create(draft(record.change().epoch(term.epoch().next()).build()));
    }

    private Optional<String> release(LeaseTerm term, ClusterRecord record) {
        Optional<LeaseView> last = board.facts().lease().known().flatMap(LeaseSighting::view);
        if (last.isEmpty()) {
            return Optional.of("the Lease is unknown");
        }
        LeaseDraft draft = new LeaseDraft(Optional.empty(), settings.timings().leaseDuration(), record);
        long sentMillis = clock.nowMillis();
        LeasePut put = store.replaceLeader(draft, last.get().resourceVersion(), limit(sentMillis));
        if (put instanceof LeasePut.Accepted || put instanceof LeasePut.Unknown) {
            token.ended(term.epoch());
            board.post(facts -> facts.withTerm(Optional.empty()));
        }
        if (put instanceof LeasePut.Accepted(LeaseView stored)) {
            sighted(Optional.of(stored), sentMillis);
        }
        dueMillis = 0;
        return describe(put);
    }

    private LeasePut create(LeaseDraft draft) {
        long sentMillis = clock.nowMillis();
        return granted(store.createLeader(draft, limit(sentMillis)), sentMillis);
    }

    private LeasePut replace(LeaseDraft draft, String version) {
        long sentMillis = clock.nowMillis();
        return granted(store.replaceLeader(draft, version, limit(sentMillis)), sentMillis);
    }

    private LeasePut granted(LeasePut put, long sentMillis) {
        if (put instanceof LeasePut.Accepted accepted) {
            sighted(Optional.of(accepted.stored()), sentMillis);
            // Only now: as long as it stands nothing is done that the record just read would allow.
            uncertain = List.of();
            LeaseTerm term = LeaseTerm.granted(accepted, sentMillis, settings.timings());
            if (!token.renewed(term)) {
                return new LeasePut.Failed("the epoch was fenced meanwhile");
            }
            board.post(facts -> facts.withTerm(Optional.of(
                    facts.term().map(held -> LeaseTerm.later(held, term)).orElse(term))));
        }
        return put;
    }

    /** Prolongs the term by promises of voters, if it has not ended meanwhile. */
    void prolong(LeaseTerm held, int promised, int needed, long sentMillis) {
        long now = clock.nowMillis();
        Optional<LeaseTerm> term = board.facts().term();
        boolean alive = term.filter(present -> present.epoch().equals(held.epoch()) && present.renewableAt(now))
                .isPresent();
        if (!alive || !supervisorAnswers(now)) {
            return;
        }
        LeaseTerm next = LeaseTerm.promised(held, promised, needed, sentMillis, settings.timings());
        if (token.renewed(next)) {
            board.post(facts -> facts.withTerm(facts.term().map(present -> LeaseTerm.later(present, next))));
        }
    }

    /** Records other than the last one read that the Lease may hold now, because writes of them were not answered. */
    List<ClusterRecord> uncertain() {
        return uncertain;
    }

    private static Optional<String> describe(LeasePut put) {
        return switch (put) {
            case LeasePut.Accepted ignored -> Optional.empty();
            case LeasePut.Conflict ignored -> Optional.of("somebody else wrote the Lease");
            case LeasePut.Missing ignored -> Optional.of("the Lease is gone");
            case LeasePut.Failed(String reason) -> Optional.of(reason);
            case LeasePut.Unknown(String reason) -> Optional.of("no answer: " + reason);
        };
    }
}
