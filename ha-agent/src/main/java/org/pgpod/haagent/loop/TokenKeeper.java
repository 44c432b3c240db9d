package org.pgpod.haagent.loop;

import java.util.Optional;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.decide.TokenWish;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.TokenPort;

/**
 * Writes {@code run/lease-token}, and never a primary's without a living term. Once an epoch is fenced no token of it
 * names the role primary again.
 */
final class TokenKeeper {
    private final Holder self;
    private final TokenPort port;
    private final BootClock clock;
    private final Board board;

    // The monitor guards these; it is held for one write to a file in memory, and never by the main loop's own work.
    private TokenWish wish = TokenWish.NOTHING;
    private Optional<LeaseTerm> term = Optional.empty();
    private Epoch fenced = Epoch.NONE;
    private long sequence;
    private Optional<LeaseToken> written = Optional.empty();

    TokenKeeper(Holder self, TokenPort port, BootClock clock, Board board) {
        this.self = self;
        this.port = port;
        this.clock = clock;
        this.board = board;
    }

    /** Takes up what an earlier run of this agent left, so that a term may be prolonged and sequences go on rising. */
    synchronized void inherit() {
        Optional<LeaseToken> inherited =
                port.read().filter(token -> token.bootId().equals(clock.bootId()));
        inherited.ifPresent(token -> {
            sequence = token.sequence();
            written = inherited;
            // Until the first decision its words stand, so that clients are not cut off by a restart of the agent.
            if (token.role() == LeaseToken.Role.PRIMARY) {
                wish = new TokenWish(LeaseToken.Role.PRIMARY, token.phase(), token.leader(), token.holdMillis());
            }
            board.postLocal(local -> local.withToken(token));
        });
    }

    /** A term was granted or prolonged; false when its epoch is fenced, and the term therefore void. */
    synchronized boolean renewed(LeaseTerm next) {
        if (next.epoch().compareTo(fenced) <= 0) {
            return false;
        }
        // Renewals and promises come from different lanes, and an earlier one may be told later.
        term = Optional.of(term.map(held -> LeaseTerm.later(held, next)).orElse(next));
        write();
        return true;
    }

    /** The Lease was given away; clients that are held stay held for whoever takes over. */
    synchronized void ended(Epoch epoch) {
        if (wish.phase() == LeaseToken.Phase.HOLD) {
            wish = new TokenWish(LeaseToken.Role.NONE, LeaseToken.Phase.HOLD, "", wish.holdMillis());
        }
        fence(epoch);
    }

    /** From now on no token of {@code epoch} or before allows anyone to write. */
    synchronized void fence(Epoch epoch) {
        if (epoch.compareTo(fenced) > 0) {
            fenced = epoch;
        }
        term = term.filter(held -> held.epoch().compareTo(fenced) > 0);
        write();
    }

    synchronized boolean isFenced(Epoch epoch) {
        return epoch.compareTo(fenced) <= 0;
    }

    /** What else the token should say; the token of an earlier run is left alone until there is something to say. */
    synchronized void wish(TokenWish next) {
        wish = next;
        boolean inherited = term.isEmpty()
                && written.filter(token -> token.role() == LeaseToken.Role.PRIMARY)
                        .filter(token -> !isFenced(token.epoch()))
                        .filter(token -> clock.nowMillis() < token.stopMillis())
                        .isPresent();
        if (!inherited) {
            write();
        }
    }

    private void write() {
        LeaseToken next =
                term.filter(LeaseTerm::allowsWriting).map(this::ofPrimary).orElseGet(this::ofOthers);
        if (written.filter(next::equals).isPresent()) {
            return;
        }
        LeaseToken numbered = withSequence(next, sequence + 1);
        if (port.write(numbered) instanceof Effect.Failed) {
            // The readers go by the old token, which ends by itself; the next renewal or wish tries again.
            written = Optional.empty();
            return;
        }
        sequence++;
        written = Optional.of(numbered);
        board.postLocal(local -> local.withToken(numbered));
    }

    private LeaseToken ofPrimary(LeaseTerm held) {
        boolean meant = wish.role() == LeaseToken.Role.PRIMARY;
        return new LeaseToken(
                clock.bootId(),
                sequence,
                self.toString(),
                data(),
                held.epoch(),
                LeaseToken.Role.PRIMARY,
                meant ? wish.phase() : LeaseToken.Phase.CATCHUP,
                held.untilMillis(),
                held.stopMillis(),
                held.killMillis(),
                meant ? wish.leader() : "",
                meant ? wish.holdMillis() : 0);
    }

    /** Also of a term that allows nobody to write: what leads such a cluster is a standby like any other to all readers. */
    private LeaseToken ofOthers() {
        boolean primary = wish.role() == LeaseToken.Role.PRIMARY;
        LeaseToken.Role role = primary ? LeaseToken.Role.NONE : wish.role();
        LeaseToken.Phase phase = primary ? LeaseToken.Phase.CUT : wish.phase();
        return new LeaseToken(
                clock.bootId(),
                sequence,
                self.toString(),
                data(),
                board.facts().epoch(),
                role,
                phase,
                0,
                0,
                0,
                primary ? "" : wish.leader(),
                primary ? 0 : wish.holdMillis());
    }

    private String data() {
        Fact<VolumeState> volume = board.facts().local().volume();
        return volume.known().flatMap(VolumeState::data).map(DataId::text).orElse("");
    }

    private static LeaseToken withSequence(LeaseToken token, long number) {
        return new LeaseToken(
                token.bootId(),
                number,
                token.pod(),
                token.dataId(),
                token.epoch(),
                token.role(),
                token.phase(),
                token.untilMillis(),
                token.stopMillis(),
                token.killMillis(),
                token.leader(),
                token.holdMillis());
    }
}
