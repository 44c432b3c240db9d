package org.pgpod.wireproxy.lease;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.pod.LeaseToken.Role;

/** Who comes in under which token, and who stays. Now is 1000 throughout. */
class GateTest {
    private static final long NOW = 1_000;

    private static LeaseView view(String role, String phase, long until, long hold) {
        return view(role, phase, until, hold, "");
    }

    private static LeaseView view(String role, String phase, long until, long hold, String leader) {
        Role roleOf = Role.valueOf(role);
        String reason = roleOf == Role.NONE ? "none" : "";
        return new LeaseView(roleOf, 5, Phase.valueOf(phase), until, hold, 1, leader, reason);
    }

    @ParameterizedTest
    @CsvSource({
        "PRIMARY, OPEN,    2000, 0,    CLIENT,               Admitted",
        "PRIMARY, OPEN,    1000, 0,    CLIENT,               Refused",
        "PRIMARY, OPEN,    1000, 0,    PEER,                 Refused",
        "PRIMARY, OPEN,    1000, 0,    LOGICAL_REPLICATION,  Refused",
        "PRIMARY, OPEN,    1000, 0,    PHYSICAL_REPLICATION, Admitted",
        "PRIMARY, HOLD,    2000, 1500, CLIENT,               Held",
        "PRIMARY, HOLD,    2000, 1500, LOGICAL_REPLICATION,  Admitted",
        "PRIMARY, HOLD,    2000, 1500, PEER,                 Admitted",
        "PRIMARY, HOLD,    2000, 1000, CLIENT,               Admitted",
        "PRIMARY, HOLD,    1000, 1500, CLIENT,               Refused",
        "PRIMARY, CATCHUP, 2000, 0,    CLIENT,               Refused",
        "PRIMARY, CATCHUP, 2000, 0,    PEER,                 Admitted",
        "PRIMARY, CUT,     2000, 0,    CLIENT,               Refused",
        "PRIMARY, CUT,     2000, 0,    PHYSICAL_REPLICATION, Admitted",
        "STANDBY, OPEN,    0,    0,    CLIENT,               Admitted",
        "STANDBY, CUT,     0,    0,    CLIENT,               Refused",
        "STANDBY, HOLD,    0,    1500, CLIENT,               Held",
        "NONE,    HOLD,    0,    1500, CLIENT,               Held",
        "NONE,    HOLD,    0,    1000, CLIENT,               Refused",
        "NONE,    HOLD,    0,    1500, LOGICAL_REPLICATION,  Refused",
        "STANDBY, HOLD,    0,    1500, LOGICAL_REPLICATION,  Admitted",
        "STANDBY, HOLD,    0,    1000, CLIENT,               Admitted",
        "NONE,    CUT,     0,    0,    CLIENT,               Refused",
        "NONE,    OPEN,    0,    0,    CLIENT,               Refused",
        "NONE,    CUT,     0,    0,    PHYSICAL_REPLICATION, Admitted",
    })
    void theGateDecides(String role, String phase, long until, long hold, Caller caller, String decision) {
        assertThat(Gate.decide(view(role, phase, until, hold), NOW, caller, Aim.THIS_SERVER)
                        .getClass()
                        .getSimpleName())
                .isEqualTo(decision);
    }

    @ParameterizedTest
    @CsvSource({
        "PRIMARY, OPEN, 2000, 0,    PRIMARY,      true,  Admitted",
        "PRIMARY, OPEN, 2000, 0,    PRIMARY_HERE, true,  Admitted",
        "PRIMARY, OPEN, 1000, 0,    PRIMARY,      true,  Refused",
        "PRIMARY, HOLD, 2000, 1500, PRIMARY,      true,  Held",
        "NONE,    HOLD, 0,    1500, PRIMARY,      false, Held",
        "STANDBY, HOLD, 0,    1500, PRIMARY,      false, Held",
        "STANDBY, HOLD, 0,    1500, PRIMARY_HERE, false, Held",
        "STANDBY, OPEN, 0,    0,    PRIMARY,      true,  Elsewhere",
        "STANDBY, OPEN, 0,    0,    PRIMARY,      false, Refused",
        "STANDBY, OPEN, 0,    0,    PRIMARY_HERE, true,  Refused",
        "STANDBY, HOLD, 0,    1000, PRIMARY,      true,  Elsewhere",
        "NONE,    CUT,  0,    0,    PRIMARY,      true,  Elsewhere",
        "NONE,    CUT,  0,    0,    PRIMARY,      false, Refused",
    })
    void whoeverWantsThePrimaryIsNotLetInToAStandby(
            String role, String phase, long until, long hold, Aim aim, boolean known, String decision) {
        LeaseView view = view(role, phase, until, hold, known ? "10.0.0.3:5432" : "");
        assertThat(Gate.decide(view, NOW, Caller.CLIENT, aim).getClass().getSimpleName())
                .isEqualTo(decision);
    }

    @ParameterizedTest
    @CsvSource({
        "PRIMARY, OPEN, 2000, 0,    STANDBY,      AnyStandby",
        "NONE,    CUT,  0,    0,    STANDBY,      AnyStandby",
        "PRIMARY, HOLD, 2000, 1500, STANDBY,      AnyStandby",
        "STANDBY, OPEN, 0,    0,    STANDBY_HERE, Admitted",
        "STANDBY, HOLD, 0,    1500, STANDBY_HERE, Held",
        "STANDBY, CUT,  0,    0,    STANDBY_HERE, Refused",
        "PRIMARY, OPEN, 2000, 0,    STANDBY_HERE, Refused",
        "NONE,    CUT,  0,    0,    STANDBY_HERE, Refused",
    })
    void whoeverWantsAStandbyIsNotLetInToAPrimary(
            String role, String phase, long until, long hold, Aim aim, String decision) {
        LeaseView view = view(role, phase, until, hold, "10.0.0.3:5432");
        assertThat(Gate.decide(view, NOW, Caller.CLIENT, aim).getClass().getSimpleName())
                .isEqualTo(decision);
    }

    @Test
    void whoeverWaitedWantsThePrimary() {
        assertThat(Aim.THIS_SERVER.afterWaiting()).isEqualTo(Aim.PRIMARY);
        assertThat(Aim.PRIMARY_HERE.afterWaiting()).isEqualTo(Aim.PRIMARY_HERE);
    }

    @ParameterizedTest
    @CsvSource({
        // admitted under, then judged under
        "PRIMARY, PRIMARY, OPEN,    2000, CLIENT,               SERVE",
        "PRIMARY, PRIMARY, OPEN,    1000, CLIENT,               SEVER",
        "PRIMARY, PRIMARY, CUT,     2000, CLIENT,               DISMISS",
        "PRIMARY, PRIMARY, CUT,     1000, CLIENT,               SEVER",
        "PRIMARY, PRIMARY, CATCHUP, 2000, PEER,                 SERVE",
        "PRIMARY, PRIMARY, HOLD,    2000, CLIENT,               SERVE",
        "PRIMARY, STANDBY, OPEN,    0,    CLIENT,               SEVER",
        "PRIMARY, NONE,    CUT,     0,    CLIENT,               SEVER",
        "PRIMARY, NONE,    CUT,     0,    PHYSICAL_REPLICATION, SERVE",
        "STANDBY, STANDBY, OPEN,    0,    CLIENT,               SERVE",
        "STANDBY, STANDBY, CUT,     0,    CLIENT,               DISMISS",
        "STANDBY, NONE,    CUT,     0,    CLIENT,               DISMISS",
        "STANDBY, PRIMARY, OPEN,    2000, CLIENT,               SERVE",
        "STANDBY, PRIMARY, CATCHUP, 2000, CLIENT,               DISMISS",
        "STANDBY, PRIMARY, OPEN,    1000, CLIENT,               SEVER",
    })
    void anOpenSessionIsJudged(
            String admittedAs, String role, String phase, long until, Caller caller, Standing.Verdict verdict) {
        Standing standing = new Standing(caller, view(admittedAs, "OPEN", 2_000, 0));
        assertThat(standing.judge(view(role, phase, until, 0), NOW)).isEqualTo(verdict);
    }

    @Test
    void aSessionThatBecameThePrimarysStaysInThatTerm() {
        Standing standing = new Standing(Caller.CLIENT, view("STANDBY", "OPEN", 0, 0));
        assertThat(standing.judge(view("PRIMARY", "OPEN", 2_000, 0), NOW)).isEqualTo(Standing.Verdict.SERVE);
        LeaseView nextTerm = new LeaseView(Role.PRIMARY, 6, Phase.OPEN, 2_000, 0, 1, "", "");
        assertThat(standing.judge(nextTerm, NOW)).isEqualTo(Standing.Verdict.SEVER);
        assertThat(standing.judge(view("STANDBY", "OPEN", 0, 0), NOW)).isEqualTo(Standing.Verdict.SEVER);
    }
}
