package org.pgpod.wireproxy.lease;

import java.util.Optional;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.pod.LeaseToken.Role;

/**
 * The token as this proxy takes it: the file's content, or no role at all when the token is missing, torn, of another
 * boot, or too far ahead. An immutable snapshot; the event loops compare their clock with {@code untilMillis}.
 *
 * @param role what Postgres is allowed to be
 * @param epoch the term of leadership
 * @param phase how clients are treated
 * @param untilMillis from here no byte of a primary session reaches a client
 * @param holdMillis when held clients are released
 * @param sequence the token's number, 0 without a token
 * @param leader where the primary takes clients, {@code host:port}; empty when none is known
 * @param reason why there is no role, empty when there is one
 */
public record LeaseView(
        Role role,
        long epoch,
        Phase phase,
        long untilMillis,
        long holdMillis,
        long sequence,
        String leader,
        String reason) {

    /** What holds before the first look at the file. */
    public static final LeaseView UNSEEN = without(0, "the lease token has not been read yet");

    private static LeaseView without(long sequence, String reason) {
        return new LeaseView(Role.NONE, 0, Phase.CUT, 0, 0, sequence, "", reason);
    }

    /** Judges a token that was read at {@code nowMillis}; empty means missing or torn. */
    static LeaseView of(Optional<LeaseToken> read, long nowMillis, BootClock clock) {
        if (read.isEmpty()) {
            return without(0, "there is no readable lease token");
        }
        LeaseToken token = read.get();
        if (!token.bootId().equals(clock.bootId())) {
            return without(token.sequence(), "the lease token is of another boot");
        }
        if (token.role() == Role.PRIMARY && !token.isOfPrimary(nowMillis, clock.bootId())) {
            return without(token.sequence(), "the lease token is too far ahead of the clock");
        }
        return new LeaseView(
                token.role(),
                token.epoch().number(),
                token.phase(),
                token.untilMillis(),
                token.holdMillis(),
                token.sequence(),
                token.leader(),
                token.role() == Role.NONE ? "the lease token gives Postgres no role" : "");
    }

    /** Whether a primary's session may reach its client at this moment, as far as time is concerned. */
    public boolean isPrimaryAt(long nowMillis) {
        return role == Role.PRIMARY && nowMillis < untilMillis;
    }

    /** Whether Postgres may serve anybody at this moment. */
    public boolean hasRoleAt(long nowMillis) {
        return role == Role.STANDBY || isPrimaryAt(nowMillis);
    }

    /** Whether clients are parked at this moment; past its deadline a hold counts as over. */
    public boolean holdsAt(long nowMillis) {
        return phase == Phase.HOLD && nowMillis < holdMillis;
    }
}
