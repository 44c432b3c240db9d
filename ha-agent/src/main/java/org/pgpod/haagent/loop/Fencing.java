package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.port.Scheduler;
import org.pgpod.haagent.model.port.SupervisorPort;

/**
 * Ends a term in time, beside the main loop: the token first, then an immediate stop. It depends on the term, the clock
 * and the result of reading the Lease, and on nothing that can block; it never logs.
 */
final class Fencing {
    static final Duration INTERVAL = Duration.ofMillis(100);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final SupervisorRequest STOP = SupervisorRequest.stop(SupervisorRequest.Stop.IMMEDIATE, STOP_LIMIT);

    private final Board board;
    private final TokenKeeper token;
    private final SupervisorPort supervisor;
    private final BootClock clock;
    private final Scheduler scheduler;

    Fencing(Board board, TokenKeeper token, SupervisorPort supervisor, BootClock clock, Scheduler scheduler) {
        this.board = board;
        this.token = token;
        this.supervisor = supervisor;
        this.clock = clock;
        this.scheduler = scheduler;
    }

    /** Fences a term that is past its stop. */
    void tick() {
        Optional<LeaseTerm> term = board.facts().term();
        if (term.isPresent() && !term.get().renewableAt(clock.nowMillis())) {
            end(term.get());
        }
    }

    /** Somebody else holds the Lease: a server that can write is ended, and one that only follows another cluster goes on. */
    void lost(LeaseTerm term) {
        scheduler.submit(Scheduler.Lane.FENCE, () -> end(term));
    }

    private void end(LeaseTerm term) {
        token.fence(term.epoch());
        if (term.allowsWriting()) {
            supervisor.send(STOP);
        }
        withoutTerm(term.epoch());
    }

    /** Has the fence lane end {@code epoch} now: a server writes without a term. */
    void request(Epoch epoch) {
        scheduler.submit(Scheduler.Lane.FENCE, () -> fence(epoch));
    }

    private void fence(Epoch epoch) {
        token.fence(epoch);
        supervisor.send(STOP);
        withoutTerm(epoch);
    }

    private void withoutTerm(Epoch epoch) {
        board.post(facts ->
                facts.withTerm(facts.term().filter(held -> held.epoch().compareTo(epoch) > 0)));
    }
}
