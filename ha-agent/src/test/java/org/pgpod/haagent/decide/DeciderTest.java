package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.StandbyOutlook;
import org.pgpod.haagent.model.StandbyWish;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.VolumeState;

/** What holds for every observation, on random ones; a failure names the seed. */
class DeciderTest {
    private static final int ROUNDS = 20_000;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private <T> T oneOf(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private Given any() {
        Given given = new Given();
        given.record(next -> next.phase(oneOf(List.of(ClusterRecord.Phase.values())))
                .timeline(new Timeline(2 + random.nextInt(2)))
                .clean(random.nextBoolean())
                .pause(random.nextInt(10) == 0));
        given.holder = oneOf(List.of("demo-0/u0", "demo-1/u1", "", "demo-1/u0"));
        given.changedMillis = Given.NOW - random.nextInt(12_000);
        given.readMillis = Given.NOW - random.nextInt(12_000);
        given.leaseSeen = random.nextInt(10) != 0;
        given.leaseExists = random.nextInt(10) != 0;
        given.membersSeen = random.nextInt(10) != 0;
        given.supervisorSeen = random.nextInt(10) != 0;
        given.databaseSeen = random.nextInt(5) != 0;
        given.postgres = oneOf(List.of(SupervisorState.Postgres.values()));
        given.mode = oneOf(List.of(SupervisorState.Mode.values()));
        given.database = random.nextBoolean()
                ? Given.primary(1 + random.nextInt(4), Given.END)
                : Given.standby(
                        1 + random.nextInt(4),
                        Given.END,
                        oneOf(List.of(DatabaseFacts.Receiver.values())),
                        random.nextBoolean());
        given.loaded = oneOf(List.of(
                Optional.<PostgresSettings>empty(),
                Optional.of(new PostgresSettings.Detached(Given.SELF)),
                Optional.of(new PostgresSettings.Remote(Given.SELF, GivenRemote.REMOTE)),
                Optional.of(new PostgresSettings.Primary(Given.SELF, SynchronousSet.NONE))));
        given.standby = anyOutlook();
        given.volume = random.nextInt(6) == 0
                ? VolumeState.EMPTY
                : new VolumeState(
                        Optional.of(Given.OWN),
                        Optional.of(Given.SYSTEM),
                        new Epoch(random.nextInt(7)),
                        Optional.of(new Timeline(1 + random.nextInt(3))),
                        oneOf(List.of(Optional.<String>empty(), Optional.of(Given.VERSION))),
                        oneOf(List.of(Optional.<String>empty(), Optional.of("rewind"), Optional.of("clone"))));
        if (random.nextBoolean()) {
            given.control(
                    oneOf(List.of("in production", "shut down", "shut down in recovery", "starting up")),
                    1 + random.nextInt(4),
                    Given.END,
                    oneOf(List.of(Lsn.ZERO, Given.END)));
        }
        if (random.nextBoolean()) {
            given.term = Optional.of(given.termOf(new Epoch(4 + random.nextInt(2)), Given.NOW - random.nextInt(6_000)));
        }
        if (random.nextBoolean()) {
            given.memory = given.memory
                    .change()
                    .vote(Given.vote(Given.END))
                    .votedMillis(Given.NOW - random.nextInt(5_000))
                    .build();
        }
        given.request = oneOf(List.of(
                Optional.<Request>empty(),
                Optional.of(new Request.Switchover("s", Optional.empty())),
                Optional.of(new Request.Restart("r")),
                Optional.of(new Request.Reinitialize("i"))));
        return given;
    }

    private StandbyOutlook anyOutlook() {
        return new StandbyOutlook(
                oneOf(List.of(
                        Fact.<StandbyWish>unseen("unreachable"),
                        Fact.seen(new StandbyWish.Unstated(), Given.NOW - 100),
                        Fact.seen(new StandbyWish.Off(), Given.NOW - random.nextInt(12_000)),
                        Fact.seen(new StandbyWish.On(GivenRemote.REMOTE), Given.NOW - 100))),
                random.nextBoolean()
                        ? Fact.unseen("unreachable")
                        : Fact.seen(
                                GivenRemote.remote(2 + random.nextInt(2), Given.END),
                                Given.NOW - random.nextInt(20_000)));
    }

    @Test
    void itIsTotalAndDeterministic() {
        for (int round = 0; round < ROUNDS; round++) {
            Given given = any();
            assertThat(given.decide()).as("seed " + seed + " round " + round).isEqualTo(given.decide());
        }
    }

    @Test
    void nothingMakesAServerWritableWithoutALivingTermOfTheLeasesEpoch() {
        for (int round = 0; round < ROUNDS; round++) {
            Given given = any();
            Optional<LeaseTerm> used = switch (given.decide().action()) {
                case Action.Promote promote -> Optional.of(promote.term());
                case Action.StartPrimary start -> Optional.of(start.term());
                case Action.Initdb initdb -> Optional.of(initdb.term());
                case Action.Swap swap -> Optional.of(swap.term());
                default -> Optional.empty();
            };
            used.ifPresent(term -> {
                assertThat(given.holder).as("seed " + seed).isEqualTo("demo-1/u1");
                assertThat(term.allowsWriting()).as("seed " + seed).isTrue();
                assertThat(term.epoch()).as("seed " + seed).isEqualTo(given.record.epoch());
            });
        }
    }

    @Test
    void aPausedMemberDoesNothingButFenceAndObeyPeople() {
        for (int round = 0; round < ROUNDS; round++) {
            Given given = any().record(next -> next.pause(true));
            given.request = Optional.empty();
            given.record(next -> next.phase(ClusterRecord.Phase.PRIMARY));
            given.memory = Memory.NONE;
            given.volume = new VolumeState(
                    Optional.of(Given.OWN),
                    Optional.of(Given.SYSTEM),
                    new Epoch(1),
                    Optional.of(new Timeline(2)),
                    Optional.empty(),
                    Optional.empty());
            given.record(next -> next.data(Given.OWN));
            assertThat(given.decide().action())
                    .as("seed " + seed + " " + given.decide().reason())
                    .isInstanceOfAny(Action.Nothing.class, Action.Fence.class);
        }
    }

    @Test
    void destructiveWorkNeedsALivingPrimaryOfTheSameSystem() {
        for (int round = 0; round < ROUNDS; round++) {
            Given given = any();
            Action action = given.decide().action();
            if (action instanceof Action.Rewind || action instanceof Action.Clone) {
                assertThat(given.holder).as("seed " + seed).isEqualTo("demo-0/u0");
                assertThat(given.record.isServing()).as("seed " + seed).isTrue();
                assertThat(given.record.allowsWriting() || action instanceof Action.Clone)
                        .as("seed " + seed)
                        .isTrue();
                assertThat(given.postgres).as("seed " + seed).isEqualTo(SupervisorState.Postgres.DOWN);
            }
        }
    }

    @Test
    void anEpochOfFollowingEndsOnlyOnceNobodyIsToBeFollowed() {
        for (int round = 0; round < ROUNDS; round++) {
            Given given = any().record(next -> next.phase(ClusterRecord.Phase.STANDBY));
            boolean over = given.decide().action() instanceof Action.TakeOver(var draft, var ignored)
                    && draft.record().allowsWriting();
            if (over) {
                assertThat(given.standby.wish().known()).as("seed " + seed).contains(new StandbyWish.Off());
            }
        }
    }

    @Test
    void onlyALivingTermMakesATokenOfAPrimary() {
        for (int round = 0; round < ROUNDS; round++) {
            Given given = any();
            if (given.term.isEmpty() || !given.record.allowsWriting()) {
                assertThat(given.decide().token().role()).as("seed " + seed).isNotEqualTo(LeaseToken.Role.PRIMARY);
            }
        }
    }
}
