package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.model.BootstrapSettings;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SupervisorState;

/**
 * How far the making of a new cluster has come; a part of {@link Memory}.
 *
 * @param populated whether it holds what it is to hold
 * @param recovered whether a restored server has reached its target
 * @param recoveringMillis when a restored server was last started; 0 before
 * @param failure why it went no further, if something was tried and failed
 * @param retryMillis not to be tried again before
 */
public record Founding(
        boolean populated, boolean recovered, long recoveringMillis, Optional<String> failure, long retryMillis) {
    /** Nothing is made yet. */
    public static final Founding NONE = new Founding(false, false, 0, Optional.empty(), 0);

    /** What a person mends in place, such as a mounted file, is tried again this often. */
    private static final Duration RETRY = Duration.ofSeconds(3);

    /** A restored server that ended before its target is started again this often. */
    private static final Duration RECOVER_AGAIN = Duration.ofSeconds(30);

    /** Takes the end of an action into account. */
    Founding after(ActionReport report) {
        return switch (report.action()) {
            case Action.Populate ignored -> after(report, report.succeeded());
            case Action.Initdb ignored -> after(report, populated);
            case Action.EnsureRoles ignored -> after(report, populated);
            case Action.StartPrimary(var ignored, PostgresSettings.Recovering settings) ->
                new Founding(populated, recovered, report.atMillis(), failure, retryMillis);
            default -> this;
        };
    }

    private Founding after(ActionReport report, boolean nowPopulated) {
        return new Founding(
                nowPopulated,
                recovered,
                recoveringMillis,
                report.failure(),
                report.succeeded() ? 0 : report.atMillis() + RETRY.toMillis());
    }

    Founding recoveredNow() {
        return new Founding(populated, true, recoveringMillis, failure, retryMillis);
    }

    /** An action of the bootstrap; once it has failed the cluster is blocked, and the action tried again now and then. */
    static Step attempt(Observation now, Action action, Reason.Code why, Memory memory) {
        Optional<String> failure = memory.founding().failure();
        if (failure.isEmpty()) {
            return Step.act(action, why, memory);
        }
        return now.nowMillis() < memory.founding().retryMillis()
                ? Step.rest(Reason.Code.BLOCKED_BOOTSTRAP, failure.get(), memory)
                : Step.act(action, Reason.Code.BLOCKED_BOOTSTRAP, failure.get(), memory);
    }

    /** What is left to do before the new cluster may be announced; clients are kept out until then. */
    static Optional<Step> populate(Observation now, Standing.Mine mine, Memory memory) {
        return memory.founding().populated()
                ? Optional.empty()
                : Optional.of(attempt(now, new Action.Populate(mine.term()), Reason.Code.BOOTSTRAP_POPULATE, memory));
    }

    /** A restored copy starts in recovery, until it was seen to have reached its target; others do not. */
    static Optional<Step> recover(Observation now, Standing.Mine mine, MemberName self, Memory memory) {
        BootstrapSettings bootstrap = now.settings().bootstrap();
        Founding founding = memory.founding();
        if (bootstrap.method() != BootstrapSettings.Method.RESTORE || founding.recovered()) {
            return Optional.empty();
        }
        Action start =
                new Action.StartPrimary(mine.term(), new PostgresSettings.Recovering(self, bootstrap.recovery()));
        long exit = now.supervisor().map(SupervisorState::exit).orElse(0L);
        if (founding.recoveringMillis() == 0 || exit == 0) {
            return Optional.of(Step.act(start, Reason.Code.BOOTSTRAP_START, memory));
        }
        String why = "the recovery ended with status " + exit + ": see the log of Postgres";
        return Optional.of(
                now.passed(RECOVER_AGAIN, founding.recoveringMillis())
                        ? Step.act(start, Reason.Code.BLOCKED_BOOTSTRAP, why, memory)
                        : Step.rest(Reason.Code.BLOCKED_BOOTSTRAP, why, memory));
    }
}
