package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.StorageTrouble;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.Voters;

/** When a copy may be replaced, when it must not be, and how often the work on it is tried. */
class RejoinSafetyTest {
    private static final Lsn PAST_FORK = Lsn.parse("0/3500000");
    private static final long STARVED = Given.NOW - Starvation.LASTING.toMillis();

    private static Given starved(String oldestWal) {
        Given given =
                new Given().changed(0, json -> json.put("data", "000000a0").put("oldestWal", oldestWal));
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.CONNECTING, false);
        given.memory = given.memory
                .change()
                .watch(Watch.NONE.withStarved(STARVED, Optional.empty()))
                .build();
        return given;
    }

    private static Given diverged() {
        return new Given().down().control("shut down", 1, PAST_FORK, Lsn.ZERO);
    }

    private static Reason.Code reason(Given given) {
        return given.decide().reason().code();
    }

    @Test
    void aCopyWhoseWalIsGoneFromThePrimaryIsClonedAnew() {
        Given given = starved("0/6000000");
        assertThat(given.decide().action()).isEqualTo(new Action.Stop(SupervisorRequest.Stop.FAST));
        assertThat(reason(given)).isEqualTo(Reason.Code.CLONE_WAL_GONE);

        given.memory = given.decide().memory();
        assertThat(given.down().decide().action())
                .isEqualTo(new Action.Clone(Optional.of(Given.SELF), Given.PRIMARY, List.of()));
    }

    @Test
    void aCopyThatThePrimaryCanStillFeedWaits() {
        assertThat(reason(starved("0/5000000"))).isEqualTo(Reason.Code.FOLLOW_WAIT_STREAM);
        assertThat(reason(starved("0/4000000"))).isEqualTo(Reason.Code.FOLLOW_WAIT_STREAM);
    }

    @Test
    void aCopyThatHasStarvedForAMomentOnlyWaits() {
        Given given = starved("0/6000000");
        given.memory = Memory.NONE
                .change()
                .watch(Watch.NONE.withStarved(STARVED + 1, Optional.empty()))
                .build();

        assertThat(reason(given)).isEqualTo(Reason.Code.FOLLOW_WAIT_STREAM);
    }

    @Test
    void whatAnotherCopyOnceSaidOfItsWalCountsForNothing() {
        Given given = starved("0/6000000").changed(0, json -> json.put("data", "000000ff"));

        assertThat(reason(given)).isEqualTo(Reason.Code.FOLLOW_WAIT_STREAM);
    }

    @Test
    void aCopyThatStreamsAgainIsNotReplaced() {
        Given given = starved("0/6000000");
        given.memory = given.decide().memory();
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.STREAMING, false);

        assertThat(reason(given)).isEqualTo(Reason.Code.FOLLOW_STREAMING);
    }

    @Test
    void aVoterIsNeverDestroyed() {
        List<Given> destructive =
                List.of(starved("0/6000000"), diverged(), new Given().down().asked(new Request.Reinitialize("r")));
        for (Given given : destructive) {
            given.record(next -> next.promise(new Voters(List.of(new MemberName("demo-1", Given.OWN)), 1)));

            assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
            assertThat(reason(given)).isEqualTo(Reason.Code.REJOIN_WAIT_VOTERS);
        }
    }

    @Test
    void nothingIsDestroyedForAPrimaryWhoseControlFileIsNotYetOnItsTimeline() {
        List<Given> destructive =
                List.of(starved("0/6000000"), diverged(), new Given().down().asked(new Request.Reinitialize("r")));
        for (Given given : destructive) {
            given.changed(0, json -> json.put("checkpointTimeline", 1));

            assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
            assertThat(reason(given)).isEqualTo(Reason.Code.REJOIN_WAIT_CHECKPOINT);
        }
    }

    @Test
    void nothingIsDestroyedForAHolderOfAnotherSystem() {
        Given given = diverged().changed(0, json -> json.put("systemId", "99"));

        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
    }

    @Test
    void anEmptyVolumeNeedsNoneOfThat() {
        Given given = new Given().emptyVolume().changed(0, json -> json.put("checkpointTimeline", 1));

        assertThat(given.decide().action()).isInstanceOf(Action.Clone.class);
    }

    @Test
    void noRewindIsBegunOnAVolumeThatMayNotHoldIt() {
        Given given = diverged();
        given.storage = Optional.of(
                new StorageState("boot", Given.NOW - 1_000, 0, 0, 1L << 40, Optional.of(StorageState.Problem.ENOSPC)));

        Decision decision = given.decide();

        assertThat(decision.action()).isEqualTo(new Action.Nothing());
        assertThat(decision.status().storage()).contains(StorageTrouble.FULL);
        assertThat(decision.reason().detail()).contains("REJOIN_WAIT_STORAGE");
    }

    @Test
    void aStandbyThatDiesAtEachStartIsStartedEverMoreSlowly() {
        Given given = new Given().down().control("shut down in recovery", 2, Given.END, Given.END);
        given.exit = 1;
        given.memory = Memory.NONE
                .change()
                .watch(Watch.NONE.withFailures(2, 0).withLaunched(Given.NOW - 5_000))
                .build();

        Decision decision = given.decide();

        assertThat(decision.action()).isEqualTo(new Action.Nothing());
        assertThat(decision.reason().toString()).isEqualTo("WAIT_BACK_OFF for=FOLLOW_START failures=3 exit=1");
        assertThat(decision.memory().watch().mendMillis())
                .isEqualTo(Given.NOW + Pace.pause(3).toMillis());
    }

    @Test
    void aStandbyThatWasStoppedInOrderIsStartedAtOnce() {
        Given given = new Given().down().control("shut down in recovery", 2, Given.END, Given.END);
        given.memory = Memory.NONE
                .change()
                .watch(Watch.NONE.withLaunched(Given.NOW - 5_000))
                .build();

        assertThat(given.decide().action()).isInstanceOf(Action.StartStandby.class);
    }

    @Test
    void aStandbyThatRunsSteadilyStartsFromZero() {
        Given given = new Given();
        given.memory = Memory.NONE
                .change()
                .watch(Watch.NONE.withFailures(3, 0).withLaunched(Given.NOW - Pace.STEADY.toMillis()))
                .build();

        assertThat(given.decide().memory().watch().failures()).isZero();
    }

    @Test
    void aCloneThatFailsWaitsLongerEachTime() {
        Given given = new Given().emptyVolume();
        Action clone = given.decide().action();
        given.memory = Memory.NONE.change().watch(Watch.NONE.withFailures(4, 0)).build();
        given.finished = Optional.of(new ActionReport(1, clone, Optional.of("rc=1"), "", Given.NOW));

        Decision decision = given.decide();

        assertThat(decision.action()).isEqualTo(new Action.Nothing());
        assertThat(decision.memory().watch().failures()).isEqualTo(5);
        assertThat(decision.memory().watch().mendMillis())
                .isEqualTo(Given.NOW + Pace.pause(5).toMillis());
    }

    @Test
    void pausesDoubleUpToALimit() {
        assertThat(Pace.pause(1)).isEqualTo(Pace.LEAST);
        assertThat(Pace.pause(2)).isEqualTo(Pace.LEAST.multipliedBy(2));
        assertThat(Pace.pause(7)).isEqualTo(Pace.MOST);
        assertThat(Pace.pause(Integer.MAX_VALUE)).isEqualTo(Pace.MOST);
    }
}
