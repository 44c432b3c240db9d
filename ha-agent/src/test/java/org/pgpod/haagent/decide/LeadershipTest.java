package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.VolumeState;

/** One row for each rule that the holder of the Lease obeys. */
class LeadershipTest {
    private static Action action(Given given) {
        return given.decide().action();
    }

    private static Reason.Code reason(Given given) {
        return given.decide().reason().code();
    }

    /** Elected in epoch 6, timeline 3 reserved, Postgres still a frozen standby. */
    private static Given elected() {
        Given given = new Given()
                .record(next -> next.epoch(new Epoch(6))
                        .phase(ClusterRecord.Phase.TAKEOVER)
                        .timeline(new Timeline(3)))
                .mine();
        given.mode = SupervisorState.Mode.STANDBY;
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.NONE, true);
        return given;
    }

    @Test
    void theElectedPromotesOntoTheReservedTimeline() {
        assertThat(action(elected())).isInstanceOfSatisfying(Action.Promote.class, promote -> {
            assertThat(promote.timeline()).isEqualTo(new Timeline(3));
            assertThat(promote.term().epoch()).isEqualTo(new Epoch(6));
        });
        assertThat(elected().decide().token().phase()).isEqualTo(LeaseToken.Phase.CATCHUP);
    }

    @Test
    void clientsAreLetInAsSoonAsItWritesOnTheReservedTimeline() {
        Given given = elected();
        given.mode = SupervisorState.Mode.PRIMARY;
        given.database = Given.primary(3, Given.END);

        assertThat(given.decide().token().phase()).isEqualTo(LeaseToken.Phase.OPEN);
        assertThat(action(given)).isInstanceOfSatisfying(Action.WriteRecord.class, write -> {
            assertThat(write.record().phase()).isEqualTo(ClusterRecord.Phase.PRIMARY);
            assertThat(write.record().history().last().orElseThrow().timeline()).isEqualTo(new Timeline(3));
            assertThat(write.record().failed()).isEmpty();
        });
    }

    @Test
    void anotherTimelineThanReservedEndsTheTermAndLetsNobodyIn() {
        Given given = elected();
        given.mode = SupervisorState.Mode.PRIMARY;
        given.database = Given.primary(4, Given.END);

        Decision decision = given.decide();

        assertThat(decision.action()).isEqualTo(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE));
        assertThat(decision.token().phase()).isEqualTo(LeaseToken.Phase.CUT);
        given.memory = decision.memory();
        assertThat(action(given.down()))
                .isInstanceOfSatisfying(
                        Action.Release.class,
                        release -> assertThat(release.record().failed()).containsExactly("demo-1"));
    }

    @Test
    void whoeverDoesNotOpenInTimeStopsAndReleasesAsFailed() {
        Given given = elected();
        given.memory = given.memory.change().openingMillis(Given.NOW - 60_000).build();
        assertThat(action(given)).isEqualTo(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE));

        assertThat(action(given.down())).isInstanceOfSatisfying(Action.Release.class, release -> {
            assertThat(release.record().phase()).isEqualTo(ClusterRecord.Phase.RELEASED);
            assertThat(release.record().clean()).isFalse();
            assertThat(release.record().failed()).containsExactly("demo-1");
        });
    }

    @Test
    void aServerThatWentDownBeforeItsPromotionStartsAsStandby() {
        Given given = elected().down().control("in archive recovery", 2, Given.END, Given.END);

        assertThat(action(given)).isInstanceOf(Action.StartStandby.class);
    }

    @Test
    void aServerThatWentDownAfterItsPromotionStartsWritable() {
        Given given = elected().down().control("in production", 3, Given.END, Lsn.ZERO);

        assertThat(action(given)).isInstanceOf(Action.StartPrimary.class);
    }

    @Test
    void aServingPrimaryHasNothingToDo() {
        Given given = new Given().mine();

        assertThat(reason(given)).isEqualTo(Reason.Code.LEAD_SERVING);
        assertThat(given.decide().token())
                .isEqualTo(new TokenWish(LeaseToken.Role.PRIMARY, LeaseToken.Phase.OPEN, "10.0.0.2:5432", 0));
    }

    @Test
    void aMomentWithoutFactsClosesNothing() {
        Given given = new Given().mine();
        given.databaseSeen = false;

        assertThat(reason(given)).isEqualTo(Reason.Code.LEAD_WAIT);
        assertThat(given.decide().token().phase()).isEqualTo(LeaseToken.Phase.OPEN);
    }

    @Test
    void aCrashedPrimaryIsStartedAgainWithinItsTerm() {
        assertThat(action(new Given().mine().down())).isInstanceOf(Action.StartPrimary.class);
    }

    @Test
    void aPrimaryWithoutALivingTermIsFenced() {
        Given given = new Given().mine();
        given.term = Optional.of(given.termOf(given.record.epoch(), Given.NOW - 4_000));
        assertThat(action(given)).isEqualTo(new Action.Fence());

        given.term = Optional.empty();
        assertThat(action(given)).isEqualTo(new Action.Fence());
    }

    @Test
    void aTermThatAnEarlierRunLeftIsAdoptedWhileItsTokenLasts() {
        Given given = new Given().mine();
        given.term = Optional.empty();
        given.token = Optional.of(token(Given.NOW + 1));
        assertThat(reason(given)).isEqualTo(Reason.Code.WAIT_ADOPTION);

        given.token = Optional.of(token(Given.NOW));
        assertThat(action(given)).isEqualTo(new Action.Fence());
    }

    private static LeaseToken token(long stopMillis) {
        return new LeaseToken(
                "boot",
                1,
                "pg-1/u1",
                "000000b1",
                new Epoch(5),
                LeaseToken.Role.PRIMARY,
                LeaseToken.Phase.OPEN,
                stopMillis - 1_000,
                stopMillis,
                stopMillis + 800,
                "10.0.0.2:5432",
                0);
    }

    @Test
    void anotherDataDirectoryThanTheRecordNamesMayNotServe() {
        Given given = new Given().mine().record(next -> next.data(new DataId("0000dead")));

        assertThat(action(given)).isEqualTo(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE));
    }

    @Test
    void labelsComeFirstAmongTheDuties() {
        Given given = new Given().mine();
        given.memory = given.memory.change().labels(Map.of(), 0).rolesMillis(0).build();
        assertThat(action(given)).isInstanceOf(Action.LabelPods.class);
    }

    @Test
    void missingSlotsAreMade() {
        Given given = new Given().mine();
        given.members.set(2, Given.member("demo-2", 3, Given.END, Optional.empty()));

        assertThat(action(given))
                .isInstanceOfSatisfying(
                        Action.EnsureSlots.class,
                        ensure -> assertThat(ensure.slots()).containsExactly("demo_2_000000b3"));
    }

    @Test
    void theCheckpointOnTheNewTimelineIsMadeForThoseWhoRewind() {
        Given given = new Given().mine();
        given.database = new DatabaseFacts(
                given.database.systemId(),
                false,
                given.database.timeline(),
                given.database.timelineStart(),
                Lsn.ZERO,
                Given.END,
                true,
                DatabaseFacts.Receiver.NONE,
                false,
                given.database.senders(),
                given.database.slots(),
                new Timeline(1),
                Optional.empty(),
                "",
                true,
                false,
                "15.20");

        assertThat(action(given)).isEqualTo(new Action.Checkpoint());
    }

    @Test
    void aWishToPauseIsCopiedIntoTheRecord() {
        Given given = new Given().mine().asked(new Request.Pause("p1", true));

        assertThat(action(given))
                .isInstanceOfSatisfying(
                        Action.WriteRecord.class,
                        write -> assertThat(write.record().pause()).isTrue());
    }

    @Test
    void aSwitchoverBeginsWithACheckpointAndThenHoldsTheClients() {
        Given given = new Given().mine().asked(new Request.Switchover("s1", Optional.of("demo-2")));
        Decision first = given.decide();
        assertThat(first.action()).isEqualTo(new Action.Checkpoint());

        given.memory = first.memory();
        given.finished = Optional.of(new ActionReport(1, first.action(), Optional.empty(), "", Given.NOW));
        Decision second = given.decide();
        assertThat(second.token().phase()).isEqualTo(LeaseToken.Phase.HOLD);
        assertThat(second.token().holdMillis()).isEqualTo(Given.NOW + 15_000);

        given.memory = second.memory();
        Decision third = given.decide();
        assertThat(third.action()).isEqualTo(new Action.Stop(SupervisorRequest.Stop.FAST));

        given.memory = third.memory();
        given.down().control("shut down", 2, Given.END, Lsn.ZERO);
        assertThat(action(given)).isInstanceOfSatisfying(Action.Release.class, release -> {
            assertThat(release.record().clean()).isTrue();
            assertThat(release.record().lsn()).isEqualTo(Given.END);
            assertThat(release.record().prefer()).contains("demo-2");
        });
    }

    @Test
    void aStopThatWasNotInOrderIsNoHandOver() {
        Given given = handingOver().down().control("in production", 2, Given.END, Lsn.ZERO);

        Decision decision = given.decide();

        assertThat(decision.reason().code()).isEqualTo(Reason.Code.SWITCHOVER_ABORT);
        given.memory = decision.memory();
        assertThat(action(given)).isInstanceOf(Action.StartPrimary.class);
    }

    private static Given handingOver() {
        Given given = new Given().mine();
        given.memory = given.memory
                .change()
                .handover(new Memory.Handover("s1", "demo-2", Given.NOW - 3_000, true, Given.NOW - 2_000, false))
                .build();
        return given;
    }

    @Test
    void aFastStopThatHangsBecomesImmediate() {
        Given given = handingOver();
        given.postgres = SupervisorState.Postgres.STOPPING;
        given.databaseSeen = false;
        given.memory = given.memory
                .change()
                .failed(new Action.Stop(SupervisorRequest.Stop.FAST), Given.NOW + 500)
                .build();

        assertThat(action(given)).isEqualTo(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE));
    }

    @Test
    void clientsAreLetGoWhenTheTimeToHoldThemIsOver() {
        Given given = handingOver();
        given.memory = given.memory
                .change()
                .handover(new Memory.Handover("s1", "demo-2", Given.NOW - 20_000, true, Given.NOW - 15_000, false))
                .build();

        Decision decision = given.decide();

        assertThat(decision.reason().code()).isEqualTo(Reason.Code.SWITCHOVER_ABORT);
        assertThat(decision.token().phase()).isEqualTo(LeaseToken.Phase.OPEN);
        assertThat(decision.memory().answer().orElseThrow().answer()).isInstanceOf(RequestAnswer.Failed.class);
    }

    private static String refusal(Optional<String> candidate) {
        Given given = new Given().mine().asked(new Request.Switchover("s1", candidate));
        given.database = new DatabaseFacts(
                given.database.systemId(),
                false,
                given.database.timeline(),
                given.database.timelineStart(),
                Lsn.ZERO,
                Lsn.parse("0/7000000"),
                true,
                DatabaseFacts.Receiver.NONE,
                false,
                List.of(Given.sender("demo-2_000000b2", Given.END)),
                given.database.slots(),
                given.database.checkpointTimeline(),
                Optional.empty(),
                "",
                true,
                false,
                "15.20");
        RequestAnswer answer = given.decide().memory().answer().orElseThrow().answer();
        assertThat(answer).isInstanceOf(RequestAnswer.Refused.class);
        return ((RequestAnswer.Refused) answer).why();
    }

    @Test
    void aStandbyThatLagsTooFarIsNoCandidate() {
        assertThat(refusal(Optional.of("demo-2")))
                .isEqualTo("demo-2 is 33554432 bytes behind, more than maximumLagOnFailover, 1048576");
    }

    @Test
    void aRefusedSwitchoverSaysWhatIsInTheWayOfEachMember() {
        assertThat(refusal(Optional.of("demo-9"))).isEqualTo("'demo-9' is not a member that was seen lately");
        assertThat(refusal(Optional.empty()))
                .matches(
                        "demo-0 does not stream; demo-2 is 33554432 bytes behind, more than maximumLagOnFailover, 1048576");
    }

    @Test
    void theContainersStopStartsASwitchoverByItself() {
        Given given = new Given().mine();
        given.job = Optional.of("7-switchover");

        assertThat(reason(given)).isEqualTo(Reason.Code.SWITCHOVER_CHECKPOINT);
    }

    @Test
    void thePrimaryIsNotClonedFromItself() {
        Given given = new Given().mine().asked(new Request.Reinitialize("r1"));

        assertThat(given.decide().memory().answer().orElseThrow().answer()).isInstanceOf(RequestAnswer.Refused.class);
        assertThat(action(given)).isEqualTo(new Action.Nothing());
    }

    @Test
    void theFounderRecordsItsSystemIdBeforeTheDataGoIntoPlace() {
        Given given = new Given();
        given.record = ClusterRecord.first(new Epoch(1));
        given.mine().emptyVolume();
        given.record = ClusterRecord.first(new Epoch(1));
        given.parsed = new Parsed.Valid<>(given.record);
        given.memory = Memory.NONE;
        assertThat(action(given)).isInstanceOf(Action.Initdb.class);

        given.memory =
                given.memory.change().initialised(Optional.of(Given.SYSTEM)).build();
        assertThat(action(given))
                .isInstanceOfSatisfying(
                        Action.WriteRecord.class,
                        write -> assertThat(write.record().systemId()).contains(Given.SYSTEM));

        given.record(next -> next.systemId(Given.SYSTEM));
        assertThat(action(given)).isInstanceOf(Action.Swap.class);

        given.volume = new VolumeState(
                Optional.of(Given.OWN),
                Optional.of(Given.SYSTEM),
                Epoch.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        assertThat(action(given))
                .isInstanceOfSatisfying(
                        Action.StartPrimary.class,
                        start -> assertThat(start.settings())
                                .isEqualTo(new PostgresSettings.Primary(Given.SELF, SynchronousSet.NONE)));
    }
}
