package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.model.Request;

/**
 * Gives the primary away, by an ordinary switchover, from a pod that is being deleted, before its containers are told to
 * stop; and from a cordoned node, to a member that is on none and has caught up.
 */
final class Departure {
    /** How often it is tried while the pod is still there: a candidate may come within its grace period. */
    static final Duration LEAVING_PACE = Duration.ofSeconds(10);

    /** A cordoned node is in no hurry. */
    static final Duration CORDONED_PACE = Duration.ofMinutes(10);

    private Departure() {}

    /** The switchover to make now, if there is anybody who could take over. */
    static Optional<Request.Switchover> request(Observation now, Standing.Mine mine) {
        if (mine.record().pause() || now.database().isEmpty()) {
            return Optional.empty();
        }
        if (now.self().outlook().leaving()) {
            var best = new Request.Switchover("leaving-" + attempt(now, LEAVING_PACE), Optional.empty());
            return Optional.of(best)
                    .filter(asked -> Switchover.candidate(
                                    now, mine, now.database().get(), asked)
                            .isPresent());
        }
        return now.self().outlook().cordoned()
                ? Preference.elsewhere(now, mine, now.database().get())
                        .map(pod -> new Request.Switchover(
                                "cordoned-" + attempt(now, CORDONED_PACE) + "-" + pod, Optional.of(pod)))
                : Optional.empty();
    }

    /** One number for each stretch of time: a request is answered once, and so made once in each. */
    private static long attempt(Observation now, Duration pace) {
        return now.nowMillis() / pace.toMillis();
    }
}
