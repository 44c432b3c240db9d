package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;

/**
 * How far the making of a new cluster has come.
 *
 * @param populated whether it holds what it is to hold
 * @param failure why it does not, if that was tried and failed
 * @param retryMillis not to be tried again before
 */
record Founding(boolean populated, Optional<String> failure, long retryMillis) {
    static final Founding NONE = new Founding(false, Optional.empty(), 0);

    /** What a person mends in place, such as a mounted file, is tried again this often. */
    private static final Duration RETRY = Duration.ofSeconds(5);

    /** Takes the end of an action into account. */
    Founding after(ActionReport report) {
        if (!(report.action() instanceof Action.Populate)) {
            return this;
        }
        return report.succeeded()
                ? new Founding(true, Optional.empty(), 0)
                : new Founding(false, report.failure(), report.atMillis() + RETRY.toMillis());
    }

    /** What is left to do before the new cluster may be announced; clients are kept out until then. */
    static Optional<Step> populate(Observation now, Standing.Mine mine, Memory memory) {
        Founding founding = memory.founding();
        if (founding.populated()) {
            return Optional.empty();
        }
        Action populate = new Action.Populate(mine.term());
        if (founding.failure().isEmpty()) {
            return Optional.of(Step.act(populate, Reason.Code.BOOTSTRAP_POPULATE, memory));
        }
        String why = founding.failure().get();
        return Optional.of(
                now.nowMillis() < founding.retryMillis()
                        ? Step.rest(Reason.Code.BLOCKED_BOOTSTRAP, why, memory)
                        : Step.act(populate, Reason.Code.BLOCKED_BOOTSTRAP, why, memory));
    }
}
