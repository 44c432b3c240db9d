package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.model.SupervisorState;

/**
 * How fast a copy that does not come up is tried again: a standby that dies at each start, and work on the copy that
 * fails, wait twice as long each time, up to {@link #MOST}.
 */
final class Pace {
    static final Duration LEAST = Duration.ofSeconds(1);
    static final Duration MOST = Duration.ofSeconds(60);

    /** A rewind may fail for want of a connection; after so many failures in a row a new copy is made instead. */
    private static final int ATTEMPTS_MAX = 3;

    /** A standby that has run for so long has started well, whatever ends it later. */
    static final Duration STEADY = Duration.ofSeconds(30);

    private Pace() {}

    /** The pause after so many failures in a row. */
    static Duration pause(int failures) {
        int doublings = Math.min(Math.max(0, failures - 1), Integer.SIZE);
        Duration pause = LEAST.multipliedBy(1L << doublings);
        return pause.compareTo(MOST) < 0 ? pause : MOST;
    }

    private static boolean isPaced(Action action) {
        return action instanceof Action.StartStandby
                || action instanceof Action.Recover
                || action instanceof Action.Rewind
                || action instanceof Action.Clone
                || action instanceof Action.CloneRemote;
    }

    /** Takes the end of an action into account. */
    static Watch ended(ActionReport report, Watch before) {
        if (!isPaced(report.action())) {
            return before;
        }
        if (!report.succeeded()) {
            return failed(before, report.atMillis());
        }
        return switch (report.action()) {
            case Action.StartStandby ignored -> before.withLaunched(report.atMillis());
            case Action.Rewind ignored -> before.withFailures(0, 0);
            case Action.Clone ignored -> before.withFailures(0, 0);
            case Action.CloneRemote ignored -> before.withFailures(0, 0);
            default -> before;
        };
    }

    private static Watch failed(Watch before, long atMillis) {
        int failures = before.failures() + 1;
        return before.withFailures(failures, atMillis + pause(failures).toMillis());
    }

    static boolean isHopeless(Watch watch) {
        return watch.failures() >= ATTEMPTS_MAX;
    }

    /** Whether the standby that was started last has died, or has run long enough to count as well. */
    static Watch watch(Observation now, Watch before) {
        long launched = before.launchedMillis();
        Optional<SupervisorState> supervisor = now.local().supervisor().since(launched + 1);
        if (launched == 0 || supervisor.isEmpty() || now.inFlight().isPresent()) {
            return before;
        }
        if (supervisor.get().postgres() == SupervisorState.Postgres.DOWN) {
            // Stopped on request it ends with 0.
            return supervisor.get().exit() == 0 ? before.withLaunched(0) : failed(before, now.nowMillis());
        }
        boolean steady = now.database().isPresent() && now.passed(STEADY, launched);
        return steady ? before.withFailures(0, 0) : before;
    }

    /** Holds back what has failed too recently. */
    static Step limit(Observation now, Step step) {
        Watch watch = step.memory().watch();
        if (!isPaced(step.action()) || now.nowMillis() >= watch.mendMillis()) {
            return step;
        }
        String exit = now.supervisor()
                .map(SupervisorState::exit)
                .map(status -> " exit=" + status)
                .orElse("");
        return Step.rest(
                Reason.Code.WAIT_BACK_OFF,
                "for=" + step.reason().code() + " failures=" + watch.failures() + exit,
                step.memory());
    }
}
