package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.BootstrapSettings;
import org.pgpod.haagent.model.CloneSettings;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.testing.TestSettings;

/** Which method a new copy is made by, and what it is started with until it streams. */
class CopyingTest {
    private static final List<String> RESTORE = List.of("restore", "{target}");
    private static final PostgresSettings FETCHING =
            new PostgresSettings.Fetching(Given.SELF, Given.PRIMARY, "fetch %f %p");

    private static Given chained(Given given) {
        given.settings = given.settings.with(
                BootstrapSettings.STANDARD,
                new CloneSettings(List.of(RESTORE, CloneSettings.BASE_BACKUP), Optional.of("fetch %f %p")));
        return given;
    }

    private static Given after(Given given, Action action, Optional<String> failure) {
        given.finished =
                Optional.of(new ActionReport(given.memory.digested() + 1, action, failure, "", Given.NOW - 120_000));
        return given;
    }

    private static Action.Clone clone(List<String> command) {
        return new Action.Clone(Optional.empty(), Given.PRIMARY, command);
    }

    @Test
    void methodsAreTriedInTheirOrderAndFromTheFirstAgain() {
        Given given = chained(new Given().emptyVolume());
        for (List<String> method : List.of(RESTORE, CloneSettings.BASE_BACKUP, RESTORE)) {
            Decision decision = given.decide();
            assertThat(decision.action()).isEqualTo(clone(method));
            given.memory = decision.memory();
            after(given, decision.action(), Optional.of("no"));
        }
    }

    private static Given copied(Given given, long agoMillis) {
        Given chained = chained(given);
        chained.memory = chained.memory
                .change()
                .copying(new Copying(0, true, Given.NOW - agoMillis))
                .build();
        return chained;
    }

    @Test
    void aCopyTakesWalFromTheArchiveUntilItStreams() {
        Given given = chained(new Given().down()).control("shut down in recovery", 2, Given.END, Given.END);
        assertThat(given.decide().action()).isEqualTo(new Action.StartStandby(FETCHING));

        Given fetching = chained(new Given());
        fetching.loaded = Optional.of(FETCHING);
        fetching.database = Given.standby(2, Lsn.parse("0/4000000"), DatabaseFacts.Receiver.NONE, false);
        assertThat(fetching.decide().reason().code()).isEqualTo(Reason.Code.FOLLOW_WAIT_STREAM);

        fetching.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.STREAMING, false);
        Decision streams = fetching.decide();
        PostgresSettings lasting = new PostgresSettings.Standby(Given.SELF, Given.PRIMARY);
        assertThat(streams.action()).isEqualTo(new Action.Configure(lasting));

        given.memory = streams.memory();
        assertThat(given.decide().action()).isEqualTo(new Action.StartStandby(lasting));
    }

    @Test
    void aFrozenCopyTakesNothingFromTheArchive() {
        Given given = copied(new Given().down(), 1_000).control("shut down in recovery", 2, Given.END, Given.END);
        given.volume = given.frozen(Optional.of(Given.VERSION));
        assertThat(given.decide().action())
                .isEqualTo(new Action.StartStandby(new PostgresSettings.Detached(Given.SELF)));
    }

    @Test
    void aCopyThatIsNotConsistentYetIsToldOfItsWalByAnotherStart() {
        Given given = copied(new Given(), 1_000);
        given.databaseSeen = false;
        given.loaded = Optional.of(FETCHING);
        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.WAIT_POSTGRES);

        given.loaded = Optional.of(new PostgresSettings.Detached(Given.SELF));
        assertThat(given.decide().action()).isInstanceOf(Action.Stop.class);
    }

    @Test
    void aCopyThatNeverBecomesConsistentIsMadeByTheNextMethod() {
        Given given = new Given();
        given.settings = TestSettings.of(Duration.ofMinutes(10));
        copied(given, Duration.ofMinutes(11).toMillis());
        given.databaseSeen = false;
        given.loaded = Optional.of(FETCHING);
        Decision stop = given.decide();
        assertThat(stop.action()).isInstanceOf(Action.Stop.class);
        assertThat(stop.reason().code()).isEqualTo(Reason.Code.CLONE_WAL_GONE);

        given.memory = stop.memory();
        assertThat(given.down().decide().action())
                .isEqualTo(new Action.Clone(Optional.of(Given.SELF), Given.PRIMARY, CloneSettings.BASE_BACKUP));
    }

    @Test
    void aCopyThatWasAskedForIsMadeOnce() {
        Given given = new Given().down().asked(new Request.Reinitialize("r1"));
        Action clone = given.decide().action();
        given.finished = Optional.of(new ActionReport(1, clone, Optional.empty(), "", Given.NOW - 10));

        Decision next = given.decide();

        assertThat(next.action()).isEqualTo(new Action.ReadControl());
        assertThat(next.memory().answer()).contains(new Memory.Answer("r1", new RequestAnswer.Done("cloned anew")));
    }
}
