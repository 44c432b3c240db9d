package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.haagent.model.Contact;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;

/** Postgres that runs and answers nobody. */
class HangTest {
    private static final Action KILL = new Action.Stop(SupervisorRequest.Stop.KILL);
    private static final String SERVER = "i/7";
    private static final long LIMIT = Duration.ofSeconds(30).toMillis();

    private static Given silentFor(long millis, long knownForMillis) {
        Given given = new Given();
        given.contact = Optional.of(new Contact(SERVER, Given.NOW - millis));
        given.memory = given.memory
                .change()
                .hang(new Hang(0, false, knownForMillis == 0 ? 0 : Given.NOW - knownForMillis, 0))
                .build();
        return given;
    }

    @Test
    void aSilentStandbyIsKilled() {
        Decision decision = silentFor(LIMIT + 3_000, 3_000).decide();

        assertThat(decision.action()).isEqualTo(KILL);
        assertThat(decision.reason().code()).isEqualTo(Reason.Code.POSTGRES_HANGS);
    }

    @Test
    void aSilentPrimaryIsKilledAndKeepsItsLease() {
        Decision decision = silentFor(LIMIT + 3_000, 3_000).mine().decide();

        assertThat(decision.action()).isEqualTo(KILL);
        assertThat(decision.token().role()).isEqualTo(LeaseToken.Role.PRIMARY);
    }

    @Test
    void beforeTheLimitNothingHappens() {
        assertThat(silentFor(LIMIT - 1, 0).decide().action()).isInstanceOf(Action.Nothing.class);
    }

    @Test
    void anAgentThatWasItselfStoppedGivesTheAnswerAMomentToArrive() {
        Decision first = silentFor(LIMIT + 60_000, 0).decide();

        assertThat(first.action()).isInstanceOf(Action.Nothing.class);
        assertThat(first.memory().hang().silentMillis()).isEqualTo(Given.NOW);
    }

    @Test
    void anAnswerEndsTheSuspicion() {
        Given given = silentFor(LIMIT + 3_000, 3_000);
        given.contact = Optional.empty();

        Decision decision = given.decide();

        assertThat(decision.action()).isInstanceOf(Action.Nothing.class);
        assertThat(decision.memory().hang().silentMillis()).isZero();
    }

    @Test
    void theSilenceOfAnEarlierServerSaysNothingOfThisOne() {
        Given given = silentFor(LIMIT + 3_000, 3_000);
        given.contact = Optional.of(new Contact("i/6", Given.NOW - LIMIT - 3_000));

        assertThat(given.decide().action()).isInstanceOf(Action.Nothing.class);
    }

    @Test
    void whileTheClusterIsPausedItIsLeftAlone() {
        Given given = silentFor(LIMIT + 3_000, 3_000);
        given.record(record -> record.pause(true));

        assertThat(given.decide().action()).isInstanceOf(Action.Nothing.class);
    }

    @Test
    void aStopThatDoesNotEndIsMadeAKill() {
        Given given = new Given();
        given.postgres = SupervisorState.Postgres.STOPPING;
        given.databaseSeen = false;
        given.memory = given.memory
                .change()
                .hang(new Hang(0, false, 0, Given.NOW - 20_000))
                .build();

        assertThat(given.decide().action()).isEqualTo(KILL);
    }

    private static Given killedTwice(long secondsBetween) {
        Given given = new Given().mine();
        given.postgres = SupervisorState.Postgres.DOWN;
        given.databaseSeen = false;
        Hang first = new Hang(Given.NOW - 1_000 - secondsBetween * 1_000, false, Given.NOW - 3_000, 0);
        given.memory = given.memory.change().hang(first).build();
        given.finished = Optional.of(new ActionReport(1, KILL, Optional.empty(), "", Given.NOW - 1_000));
        return given;
    }

    @Test
    void afterOneHangThePrimaryIsStartedAgain() {
        assertThat(killedTwice(Hang.SOON.toSeconds()).decide().reason().code()).isEqualTo(Reason.Code.LEAD_RESTART);
    }

    @Test
    void aPrimaryThatHangsAgainSoonGivesTheLeaseAway() {
        Decision decision = killedTwice(60).decide();

        assertThat(decision.action()).isInstanceOf(Action.Release.class);
        assertThat(decision.reason().code()).isEqualTo(Reason.Code.LEAD_GIVE_UP);
    }

    @Test
    void withoutASuccessorItIsStartedAgainAndAgain() {
        Given given = killedTwice(60);
        given.members.removeIf(member -> !member.status().pod().equals("demo-1"));

        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.LEAD_RESTART);
    }
}
