package org.pgpod.logshipper.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RoleHistoryTest {
    private static final long SECOND = 1_000_000;
    private static final ServerRole STANDBY = new ServerRole("standby", 1);
    private static final ServerRole PRIMARY = new ServerRole("primary", 2);

    private final RoleHistory history = new RoleHistory();

    private void note(long fromSecond, long toSecond, ServerRole role) {
        for (long second = fromSecond; second <= toSecond; second++) {
            history.note(second * SECOND, role);
        }
    }

    @Test
    void nothingIsKnownBeforeTheFirstAnswer() {
        assertThat(history.at(5 * SECOND)).isNull();
        note(10, 10, STANDBY);
        assertThat(history.at(10 * SECOND - 1)).isNull();
        assertThat(history.at(10 * SECOND)).isEqualTo(STANDBY);
    }

    @Test
    void answerHoldsForAWhile() {
        note(10, 20, STANDBY);
        assertThat(history.at(15 * SECOND + 1)).isEqualTo(STANDBY);
        assertThat(history.at(23 * SECOND)).isEqualTo(STANDBY);
        assertThat(history.at(23 * SECOND + 1)).isNull();
    }

    @Test
    void timeBetweenTwoRolesHasNone() {
        note(10, 20, STANDBY);
        note(21, 30, PRIMARY);
        assertThat(history.at(20 * SECOND)).isEqualTo(STANDBY);
        assertThat(history.at(20 * SECOND + 1)).isNull();
        assertThat(history.at(21 * SECOND)).isEqualTo(PRIMARY);
    }

    @Test
    void timeWithoutAnswersHasNoRoleEvenIfTheyAreTheSame() {
        note(10, 20, STANDBY);
        note(30, 40, STANDBY);
        assertThat(history.at(25 * SECOND)).isNull();
        assertThat(history.at(15 * SECOND)).isEqualTo(STANDBY);
    }

    @Test
    void clockThatIsSetBackBeginsAnew() {
        note(10, 20, STANDBY);
        note(12, 12, PRIMARY);
        assertThat(history.at(11 * SECOND)).isNull();
        assertThat(history.at(12 * SECOND)).isEqualTo(PRIMARY);
    }

    @Test
    void manyChangesAreForgottenFromTheOldestOn() {
        for (int second = 0; second < 200; second++) {
            history.note(second * SECOND, new ServerRole("primary", second));
        }
        assertThat(history.at(100 * SECOND)).isNull();
        assertThat(history.at(150 * SECOND)).isEqualTo(new ServerRole("primary", 150));
    }
}
