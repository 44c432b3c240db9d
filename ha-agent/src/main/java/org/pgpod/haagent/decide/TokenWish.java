package org.pgpod.haagent.decide;

import org.pgpod.core.pod.LeaseToken;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.Upstream;

/**
 * What the token should say besides the term: a wish, for only a living term makes a token that names the role primary.
 *
 * @param role what Postgres may be
 * @param phase how clients are treated
 * @param leader where clients find the primary, or empty
 * @param holdMillis when held clients are let go; 0 unless the phase is hold
 */
public record TokenWish(LeaseToken.Role role, LeaseToken.Phase phase, String leader, long holdMillis) {
    /** No Postgres, no clients. */
    public static final TokenWish NOTHING = new TokenWish(LeaseToken.Role.NONE, LeaseToken.Phase.CUT, "", 0);

    static TokenWish of(Observation now, Standing standing, Memory memory) {
        long hold = memory.handover()
                .filter(handover -> handover.heldMillis() != 0)
                .map(handover ->
                        handover.heldMillis() + now.settings().holdTimeout().toMillis())
                .filter(deadline -> deadline > now.nowMillis())
                .orElse(0L);
        if (standing instanceof Standing.Mine mine && mine.record().allowsWriting()) {
            String self = now.self().address() + ":" + now.self().sqlPort();
            LeaseToken.Phase phase = hold != 0 ? LeaseToken.Phase.HOLD : phase(now, mine, memory);
            return new TokenWish(LeaseToken.Role.PRIMARY, phase, self, hold);
        }
        String leader = standing instanceof Standing.Led led ? leader(now, led) : "";
        boolean standby = now.supervisor()
                .filter(state -> state.mode() == SupervisorState.Mode.STANDBY)
                .isPresent();
        LeaseToken.Role role = standby ? LeaseToken.Role.STANDBY : LeaseToken.Role.NONE;
        if (leader.isEmpty() && hold != 0) {
            return new TokenWish(role, LeaseToken.Phase.HOLD, "", hold);
        }
        return new TokenWish(role, standby ? LeaseToken.Phase.OPEN : LeaseToken.Phase.CUT, leader, 0);
    }

    private static String leader(Observation now, Standing.Led led) {
        boolean serving = led.record().phase() == ClusterRecord.Phase.PRIMARY;
        return serving
                ? Following.upstream(now, led.view())
                        .map(Upstream::clientEndpoint)
                        .orElse("")
                : "";
    }

    /** Clients come in as soon as the server writes on its reserved timeline, before the record says so. */
    private static LeaseToken.Phase phase(Observation now, Standing.Mine mine, Memory memory) {
        if (memory.unusable() || Storage.staysStopped(now, mine, memory)) {
            return LeaseToken.Phase.CUT;
        }
        return switch (mine.record().phase()) {
            case PRIMARY ->
                Synchrony.open(now, mine.record(), memory) ? LeaseToken.Phase.OPEN : LeaseToken.Phase.CATCHUP;
            case TAKEOVER ->
                now.database()
                                .filter(database -> !database.inRecovery())
                                .filter(database ->
                                        database.timeline().equals(mine.record().timeline()))
                                .filter(database -> Synchrony.open(now, mine.record(), memory))
                                .isPresent()
                        ? LeaseToken.Phase.OPEN
                        : LeaseToken.Phase.CATCHUP;
            case BOOTSTRAP, RELEASED, STANDBY -> LeaseToken.Phase.CATCHUP;
        };
    }
}
