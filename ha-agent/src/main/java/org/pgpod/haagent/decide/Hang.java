package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;

/**
 * A Postgres that runs and gives no new session a first word, or that does not end although it was told to, is killed; the
 * ordinary course starts it again, as after a crash. The agent would otherwise prolong for ever the term of a primary that
 * nobody can reach. A primary that hangs again soon is given up.
 *
 * @param killedMillis boot clock when the last one was killed; 0 for never
 * @param again whether another one had been killed not long before that
 * @param silentMillis since when new sessions have waited too long; 0 while they do not
 * @param stoppingMillis since when Postgres has been stopping; 0 while it is not
 */
public record Hang(long killedMillis, boolean again, long silentMillis, long stoppingMillis) {
    /** Nothing hangs. */
    public static final Hang NONE = new Hang(0, false, 0, 0);

    /** An agent that was itself stopped finds its question unanswered, and the answer a moment later. */
    static final Duration CERTAIN = Duration.ofSeconds(2);

    /** A primary that hangs twice within this time is expected to hang a third time. */
    static final Duration SOON = Duration.ofMinutes(10);

    /** A fast stop has its time, and the immediate one that may follow it as much. */
    private static final int STOPS = 2;

    static Memory watch(Observation now, Memory memory) {
        if (now.supervisor().isEmpty()) {
            return memory;
        }
        Hang before = memory.hang();
        Hang next = new Hang(
                before.killedMillis(),
                before.again(),
                since(now, isSilent(now), before.silentMillis()),
                since(now, now.postgresIs(SupervisorState.Postgres.STOPPING), before.stoppingMillis()));
        return next.equals(before) ? memory : memory.change().hang(next).build();
    }

    private static long since(Observation now, boolean holds, long beforeMillis) {
        return !holds ? 0 : beforeMillis != 0 ? beforeMillis : now.nowMillis();
    }

    private static boolean isSilent(Observation now) {
        Optional<String> server = now.supervisor()
                .filter(state -> state.postgres() == SupervisorState.Postgres.UP)
                .map(SupervisorState::server);
        return now.local()
                .contact()
                .filter(contact -> server.equals(Optional.of(contact.server())))
                .filter(contact -> now.passed(now.settings().hangTimeout(), contact.sinceMillis()))
                .isPresent();
    }

    /** Ends a server that hangs, unless the cluster is paused or a switchover, which has its own limits, is under way. */
    static Optional<Step> decide(Observation now, Standing standing, Memory memory) {
        Hang hang = memory.hang();
        boolean silent = hang.silentMillis() != 0 && now.passed(CERTAIN, hang.silentMillis());
        boolean lingers = hang.stoppingMillis() != 0
                && now.passed(now.settings().shutdownTimeout().multipliedBy(STOPS), hang.stoppingMillis());
        if (standing.paused() || memory.handover().isPresent() || !(silent || lingers)) {
            return Optional.empty();
        }
        return Optional.of(Step.act(
                new Action.Stop(SupervisorRequest.Stop.KILL),
                Reason.Code.POSTGRES_HANGS,
                silent ? "no answer" : "stop",
                memory));
    }

    /** What the end of an action means for it. */
    static Hang ended(ActionReport report, Hang before) {
        boolean killed = report.succeeded()
                && before.silentMillis() != 0
                && report.action().equals(new Action.Stop(SupervisorRequest.Stop.KILL));
        if (!killed) {
            return before;
        }
        boolean again = before.killedMillis() != 0 && report.atMillis() - before.killedMillis() < SOON.toMillis();
        return new Hang(report.atMillis(), again, 0, before.stoppingMillis());
    }

    /** Whether the holder, whose Postgres is down now, leaves the Lease to somebody else because of it. */
    static boolean isHopeless(Observation now, Standing.Mine mine, Memory memory) {
        Hang hang = memory.hang();
        return hang.again()
                && !now.passed(SOON, hang.killedMillis())
                && now.postgresIs(SupervisorState.Postgres.DOWN)
                && Storage.hasSuccessor(now, mine);
    }
}
