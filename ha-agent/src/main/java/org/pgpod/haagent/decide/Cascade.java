package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Upstream;

/**
 * How streaming from another standby goes; a part of {@link Memory}. One that looks well to everybody and still feeds this
 * member nothing, for the way between them is cut or it lacks the WAL, is left for the primary for a while.
 *
 * @param waitsMillis since when our standby follows another one and does not stream; 0 while that is not so
 * @param shunned the pod that is not followed before {@code untilMillis}
 * @param failures how often another one was left since one fed us
 */
public record Cascade(long waitsMillis, Optional<String> shunned, long untilMillis, int failures) {
    /** All is well, as far as is known. */
    public static final Cascade NONE = new Cascade(0, Optional.empty(), 0, 0);

    /** A slot is made on a standby within ten seconds of when it hears of the member. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    /** How long an upstream that did not feed us is left alone, twice as long each time. */
    static final Duration REST = Duration.ofMinutes(1);

    private static final int DOUBLINGS_MAX = 6;

    static Memory watch(Observation now, Standing standing, Memory memory) {
        Cascade before = memory.cascade();
        Cascade next = before.next(now, standing);
        return next.equals(before) ? memory : memory.change().cascade(next).build();
    }

    private Cascade next(Observation now, Standing standing) {
        boolean cascaded = standing instanceof Standing.Led led && Upstreams.followsStandby(now, led);
        Optional<DatabaseFacts> standby = now.database().filter(facts -> cascaded && facts.inRecovery());
        if (standby.isEmpty()) {
            return new Cascade(0, shunned, untilMillis, failures);
        }
        if (standby.get().receiver() == DatabaseFacts.Receiver.STREAMING) {
            return NONE;
        }
        long since = waitsMillis == 0 ? now.nowMillis() : waitsMillis;
        if (!now.passed(PATIENCE, since)) {
            return new Cascade(since, shunned, untilMillis, failures);
        }
        long rest = REST.toMillis() << Math.min(failures, DOUBLINGS_MAX);
        return new Cascade(0, Upstreams.followed(now).map(Upstream::pod), now.nowMillis() + rest, failures + 1);
    }

    /** Whether {@code pod} is not to be followed now. */
    boolean shuns(Observation now, String pod) {
        return now.nowMillis() < untilMillis && shunned.filter(pod::equals).isPresent();
    }
}
