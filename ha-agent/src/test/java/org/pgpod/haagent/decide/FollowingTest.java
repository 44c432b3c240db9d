package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.VolumeState;

/** One row for each rule that a member without the Lease obeys while another one holds it. */
class FollowingTest {
    private static final Lsn BEFORE_FORK = Lsn.parse("0/2FFFF00");
    private static final Lsn PAST_FORK = Lsn.parse("0/3000100");

    private static Action action(Given given) {
        return given.decide().action();
    }

    private static Reason.Code reason(Given given) {
        return given.decide().reason().code();
    }

    @Test
    void aStreamingStandbyIsLeftAlone() {
        assertThat(action(new Given())).isEqualTo(new Action.Nothing());
        assertThat(reason(new Given())).isEqualTo(Reason.Code.FOLLOW_STREAMING);
    }

    @Test
    void itsTokenNamesTheLeaderAndNoRightToWrite() {
        TokenWish wish = new Given().decide().token();

        assertThat(wish).isEqualTo(new TokenWish(LeaseToken.Role.STANDBY, LeaseToken.Phase.OPEN, "10.0.0.1:5432", 0));
    }

    @Test
    void nobodyFollowsAHolderThatIsNotYetThePrimary() {
        Given given = new Given().record(next -> next.phase(ClusterRecord.Phase.TAKEOVER));
        given.loaded = Optional.empty();

        assertThat(reason(given)).isEqualTo(Reason.Code.FOLLOW_WAIT_PRIMARY);
    }

    @Test
    void aNewPrimaryIsFollowedByConfiguration() {
        Given given = new Given();
        given.loaded = Optional.of(new PostgresSettings.Standby(Given.SELF, new Upstream("demo-2", "10.0.0.3", 5432)));

        assertThat(action(given))
                .isEqualTo(new Action.Configure(new PostgresSettings.Standby(Given.SELF, Given.PRIMARY)));
    }

    @Test
    void aMemberThatFrozeForThisVersionDoesNotStream() {
        Given given = new Given();
        given.volume = given.frozen(Optional.of(Given.VERSION));

        assertThat(action(given)).isEqualTo(new Action.Configure(new PostgresSettings.Detached(Given.SELF)));
    }

    @Test
    void aMemberThatFrozeForAnotherVersionStreamsAgainAndClearsTheMark() {
        Given given = new Given();
        given.volume = given.frozen(Optional.of("80000"));

        assertThat(action(given))
                .isInstanceOfSatisfying(
                        Action.MarkVolume.class,
                        mark -> assertThat(mark.notes()).containsEntry("frozen", "-"));
    }

    @Test
    void aLaggingStandbyThatHasNotDivergedJustStreams() {
        Given given = new Given();
        given.database = Given.standby(1, BEFORE_FORK, DatabaseFacts.Receiver.CONNECTING, false);

        assertThat(action(given)).isEqualTo(new Action.Nothing());
        assertThat(reason(given)).isEqualTo(Reason.Code.FOLLOW_WAIT_STREAM);
    }

    @Test
    void aStandbyWithWalPastTheForkIsStoppedToBeMended() {
        Given given = new Given();
        given.database = Given.standby(1, PAST_FORK, DatabaseFacts.Receiver.NONE, false);

        assertThat(action(given)).isEqualTo(new Action.Stop(SupervisorRequest.Stop.FAST));
        assertThat(reason(given)).isEqualTo(Reason.Code.REJOIN_STOP);
    }

    @Test
    void aStoppedServerIsInspectedBeforeAnythingElse() {
        assertThat(action(new Given().down())).isEqualTo(new Action.ReadControl());
    }

    @Test
    void aStoppedStandbyThatHasNotDivergedIsStarted() {
        Given given = new Given().down().control("shut down in recovery", 1, BEFORE_FORK, BEFORE_FORK);

        assertThat(action(given))
                .isEqualTo(new Action.StartStandby(new PostgresSettings.Standby(Given.SELF, Given.PRIMARY)));
    }

    @Test
    void aCrashedPrimaryIsRecoveredBeforeItIsCompared() {
        Given given = new Given().down().control("in production", 1, BEFORE_FORK, Lsn.ZERO);

        assertThat(action(given)).isEqualTo(new Action.Recover());
    }

    @Test
    void aStoppedPrimaryWhoseLastCheckpointLiesBeforeTheForkStreams() {
        Given given = new Given().down().control("shut down", 1, BEFORE_FORK, Lsn.ZERO);

        assertThat(action(given)).isInstanceOf(Action.StartStandby.class);
    }

    @Test
    void aStoppedPrimaryWhoseLastCheckpointBeginsAtTheForkIsRewound() {
        Given given = new Given().down().control("shut down", 1, Given.FORK, Lsn.ZERO);

        assertThat(action(given)).isEqualTo(new Action.Rewind(Given.PRIMARY));
    }

    @Test
    void aTimelineThatTheRecordDoesNotKnowIsRewound() {
        Given given = new Given().down().control("shut down", 7, PAST_FORK, Lsn.ZERO);

        assertThat(action(given)).isEqualTo(new Action.Rewind(Given.PRIMARY));
    }

    @Test
    void noRewindBeforeThePrimarysCheckpointOnItsTimeline() {
        Given given = new Given()
                .record(next -> next.timeline(new Timeline(3))
                        .history(Given.LINE.with(new TimelineHistory.Entry(new Epoch(5), new Timeline(3), Given.END))))
                .down()
                .control("shut down", 1, Given.FORK, Lsn.ZERO);

        assertThat(action(given)).isEqualTo(new Action.Nothing());
        assertThat(reason(given)).isEqualTo(Reason.Code.REJOIN_WAIT_CHECKPOINT);
    }

    @Test
    void theSameTimelineBegunInAnEarlierEpochIsAForkAndIsClonedAnew() {
        Given given = new Given().down().control("shut down", 2, PAST_FORK, Lsn.ZERO);
        given.volume = new VolumeState(
                Optional.of(Given.OWN),
                Optional.of(Given.SYSTEM),
                new Epoch(4),
                Optional.of(new Timeline(2)),
                Optional.empty(),
                Optional.empty());

        assertThat(action(given)).isEqualTo(new Action.Clone(Optional.of(Given.SELF), Given.PRIMARY, List.of()));
    }

    @Test
    void aFailedRewindIsFollowedByAClone() {
        Given given = new Given().down().control("shut down", 1, PAST_FORK, Lsn.ZERO);
        given.memory = given.memory.change().rewindFailed(true).build();

        assertThat(action(given)).isInstanceOf(Action.Clone.class);
    }

    @Test
    void unfinishedDestructiveWorkIsTakenUpAgain() {
        Given given = new Given().down();
        given.volume = new VolumeState(
                Optional.of(Given.OWN),
                Optional.of(Given.SYSTEM),
                new Epoch(5),
                Optional.of(new Timeline(2)),
                Optional.empty(),
                Optional.of("clone"));

        assertThat(action(given)).isInstanceOf(Action.Clone.class);
    }

    @Test
    void anEmptyMemberClonesThePrimary() {
        assertThat(action(new Given().emptyVolume()))
                .isEqualTo(new Action.Clone(Optional.empty(), Given.PRIMARY, List.of()));
    }

    @Test
    void aForeignSystemIdBlocksAndDestroysNothing() {
        Given given = new Given().record(next -> next.systemId(new SystemId("9999")));

        assertThat(action(given)).isEqualTo(new Action.Nothing());
        assertThat(reason(given)).isEqualTo(Reason.Code.BLOCKED_SYSTEM_ID);
    }

    @Test
    void aLeaseOlderThanTheVolumeBlocks() {
        Given given = new Given();
        given.volume = new VolumeState(
                Optional.of(Given.OWN),
                Optional.of(Given.SYSTEM),
                new Epoch(6),
                Optional.of(new Timeline(3)),
                Optional.empty(),
                Optional.empty());

        assertThat(reason(given)).isEqualTo(Reason.Code.BLOCKED_EPOCH_BEHIND);
    }

    @Test
    void nothingIsMendedOnKnowledgeThatIsALeaseOld() {
        Given given = new Given();
        given.readMillis = Given.NOW - 60_000;
        given.changedMillis = Given.NOW - 60_500;
        given.database = Given.standby(1, PAST_FORK, DatabaseFacts.Receiver.NONE, false);

        assertThat(action(given)).isEqualTo(new Action.Nothing());
        assertThat(reason(given)).isEqualTo(Reason.Code.FOLLOW_STALE_LEASE);
    }

    @Test
    void aHolderWhoseIncarnationIsUnknownIsNotFollowed() {
        Given given = new Given();
        given.holder = "demo-0/u9";

        assertThat(reason(given)).isEqualTo(Reason.Code.FOLLOW_WAIT_UPSTREAM);
    }

    @Test
    void aSilentSupervisorMeansWaiting() {
        Given given = new Given();
        given.supervisorSeen = false;

        assertThat(reason(given)).isEqualTo(Reason.Code.WAIT_SUPERVISOR);
    }

    @Test
    void aWritableServerWithoutATermIsFencedWhoeverHoldsTheLease() {
        Given given = new Given();
        given.mode = SupervisorState.Mode.PRIMARY;
        given.database = Given.primary(2, Given.END);

        assertThat(action(given)).isEqualTo(new Action.Fence());
    }

    @Test
    void aServerThatLeftRecoveryByAnotherHandIsFenced() {
        Given given = new Given();
        given.database = Given.primary(3, Given.END);

        assertThat(action(given)).isEqualTo(new Action.Fence());
    }

    @Test
    void aReinitializeOnAStandbyStopsItAndClones() {
        Given given = new Given().asked(new Request.Reinitialize("r1"));
        assertThat(action(given)).isEqualTo(new Action.Stop(SupervisorRequest.Stop.FAST));

        assertThat(action(given.down())).isInstanceOf(Action.Clone.class);
    }

    @Test
    void aReplacedCopyIsDiscardedOnceTheNewOneStreams() {
        Given given = new Given();
        given.memory = given.memory.change().cloned(true).build();

        assertThat(action(given)).isEqualTo(new Action.Discard());
    }

    @Test
    void theEpochOfItsTimelineIsNotedOnTheVolumeOnceItStreams() {
        Given given = new Given();
        given.volume = new VolumeState(
                Optional.of(Given.OWN),
                Optional.of(Given.SYSTEM),
                new Epoch(1),
                Optional.of(new Timeline(1)),
                Optional.empty(),
                Optional.empty());

        assertThat(action(given))
                .isInstanceOfSatisfying(
                        Action.MarkVolume.class,
                        mark -> assertThat(mark.notes())
                                .containsEntry("epoch", "5")
                                .containsEntry("timeline", "2"));
    }

    @Test
    void aSilentMemberIsStillFollowedIfItHoldsTheLease() {
        assertThat(reason(new Given().silent(0))).isEqualTo(Reason.Code.FOLLOW_STREAMING);
    }

    @Test
    void aMemberListThatWasNeverReadMakesItWait() {
        Given given = new Given();
        given.membersSeen = false;

        assertThat(reason(given)).isEqualTo(Reason.Code.FOLLOW_WAIT_UPSTREAM);
    }

    @Test
    void anActionThatJustFailedIsNotRepeatedAtOnce() {
        Given given = new Given();
        given.loaded = Optional.empty();
        Action wanted = action(given);
        given.finished = Optional.of(new ActionReport(
                1,
                wanted,
                Optional.of("refused"),
                "",
                Given.NOW - Duration.ofMillis(100).toMillis()));

        assertThat(action(given)).isEqualTo(new Action.Nothing());
        assertThat(reason(given)).isEqualTo(Reason.Code.WAIT_RETRY);
    }

    @Test
    void theStatusOfAStreamingStandbySaysSo() {
        assertThat(new Given().decide().status().state()).isEqualTo(MemberStatus.State.STREAMING);
    }

    @Test
    void aStoppedNamesakeOfTheTimelineIsClonedBeforeItIsStarted() {
        Given given = new Given().down();
        given.volume = new VolumeState(
                Optional.of(Given.OWN),
                Optional.of(Given.SYSTEM),
                Epoch.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        given.control = Optional.of(new ControlData(
                Given.SYSTEM,
                "shut down in recovery",
                Given.END,
                new Timeline(2),
                Optional.of(new Lsn(Given.FORK.value() + 8)),
                Given.END));

        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.CLONE_FORKED);
    }
}
