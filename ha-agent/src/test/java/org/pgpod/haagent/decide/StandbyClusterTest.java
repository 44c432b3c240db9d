package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.StandbyWish;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.TimelineHistory;

/** A cluster that follows another one: who leads it, when nobody may write, and how it begins and ends. */
class StandbyClusterTest {
    private static final Lsn LATER = Lsn.parse("0/6000000");
    private static final Lsn JUST_PAST_FORK = new Lsn(Given.FORK.value() + 8);

    private static Reason.Code reason(Given given) {
        return given.decide().reason().code();
    }

    private static ClusterRecord taken(Given given) {
        assertThat(given.decide().action()).isInstanceOf(Action.TakeOver.class);
        return ((Action.TakeOver) given.decide().action()).draft().record();
    }

    private static Given down(Given given, String state, Lsn checkpoint) {
        return given.down().control(state, 2, checkpoint, state.contains("recovery") ? checkpoint : Lsn.ZERO);
    }

    // ---- following

    @Test
    void theLeaderStreamsAndNobodyMayWrite() {
        Given given = GivenRemote.leading(new Given());

        assertThat(reason(given)).isEqualTo(Reason.Code.STANDBY_LEADING);
        assertThat(given.decide().token().role()).isEqualTo(LeaseToken.Role.STANDBY);
        assertThat(given.decide().token().leader()).isEmpty();
        assertThat(given.term.orElseThrow().allowsWriting()).isFalse();
    }

    @Test
    void aServerThatBecameWritableIsFenced() {
        Given given = GivenRemote.leading(new Given());
        given.database = Given.primary(3, Given.END);

        assertThat(given.decide().action()).isEqualTo(new Action.Fence());
    }

    @Test
    void itIsPointedAtTheOtherCluster() {
        Given given = GivenRemote.leading(new Given());
        given.loaded = Optional.of(new PostgresSettings.Detached(Given.SELF));

        assertThat(given.decide().action())
                .isEqualTo(new Action.Configure(new PostgresSettings.Remote(Given.SELF, GivenRemote.REMOTE)));
    }

    @Test
    void anEmptyLeaderCopiesTheOtherCluster() {
        Given given = GivenRemote.leading(new Given()).emptyVolume();

        assertThat(given.decide().action())
                .isEqualTo(new Action.CloneRemote(Optional.empty(), GivenRemote.REMOTE, List.of()));
    }

    @Test
    void theLineOfTheOtherClusterIsRecordedOnceItIsFollowed() {
        Given given = GivenRemote.toFollow(GivenRemote.leading(new Given()), GivenRemote.remote(3, Given.END));
        given.database = GivenRemote.withSlots(Given.standby(3, LATER, DatabaseFacts.Receiver.STREAMING, false));

        assertThat(given.decide().action()).isInstanceOf(Action.WriteRecord.class);
        ClusterRecord next = ((Action.WriteRecord) given.decide().action()).record();
        assertThat(next.timeline()).isEqualTo(new Timeline(3));
        assertThat(next.phase()).isEqualTo(ClusterRecord.Phase.STANDBY);
        assertThat(next.history())
                .isEqualTo(Given.LINE.with(new TimelineHistory.Entry(new Epoch(5), new Timeline(3), Given.END)));
    }

    @Test
    void aDivergedFollowerIsClonedAndNeverRewound() {
        Given given = new Given()
                .record(next -> next.phase(ClusterRecord.Phase.STANDBY)
                        .timeline(new Timeline(3))
                        .history(Given.LINE.with(new TimelineHistory.Entry(new Epoch(5), new Timeline(3), Given.END))));
        given.changed(0, json -> json.put("state", "streaming").put("timeline", 3));
        given.memory = given.memory
                .change()
                .withdrawal(new Withdrawal(Given.NOW - 60_000, Optional.of("1")))
                .build();
        down(given, "shut down in recovery", LATER);

        assertThat(reason(given)).isEqualTo(Reason.Code.CLONE_DIVERGED);
        assertThat(given.decide().action()).isNotInstanceOf(Action.Rewind.class);
    }

    static List<RemoteSighting> strangers() {
        RemoteSighting good = GivenRemote.remote(2, Given.END);
        return List.of(
                new RemoteSighting(
                        GivenRemote.REMOTE,
                        new SystemId("1"),
                        good.timeline(),
                        good.end(),
                        good.branches(),
                        Optional.empty()),
                new RemoteSighting(
                        GivenRemote.REMOTE,
                        good.systemId(),
                        good.timeline(),
                        good.end(),
                        good.branches(),
                        Optional.of(false)),
                GivenRemote.remote(2, Given.FORK),
                GivenRemote.remote(3, JUST_PAST_FORK));
    }

    /** Another system, no slot, too little WAL, and a line that leaves ours before its end. */
    @ParameterizedTest
    @MethodSource("strangers")
    void whyItCannotFollowIsSaid(RemoteSighting seen) {
        Given given = GivenRemote.toFollow(GivenRemote.leading(new Given()), seen);
        given.database = GivenRemote.withSlots(Given.standby(2, Given.END, DatabaseFacts.Receiver.NONE, false));
        if (given.decide().action() instanceof Action.Configure(PostgresSettings settings)) {
            assertThat(settings).isEqualTo(new PostgresSettings.Detached(Given.SELF));
            given.loaded = Optional.of(settings);
        }

        assertThat(reason(given)).isEqualTo(Reason.Code.BLOCKED_REMOTE);
    }

    @Test
    void aNamesakeOfItsTimelineIsNeverStreamed() {
        Given given = GivenRemote.toFollow(
                GivenRemote.leading(new Given()), GivenRemote.remote(3, new Lsn(Given.END.value() + 8)));
        given.database = GivenRemote.withSlots(Given.standby(3, LATER, DatabaseFacts.Receiver.NONE, false));
        given.loaded = Optional.of(new PostgresSettings.Detached(Given.SELF));

        assertThat(reason(given)).isEqualTo(Reason.Code.BLOCKED_REMOTE);
        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
    }

    @Test
    void aStoppedCopyIsPointedAtAServerOnlyIfThatOneHasItsLine() {
        Given good = down(GivenRemote.leading(new Given()), "shut down in recovery", Given.END);
        good.control = Optional.of(new org.pgpod.haagent.model.ControlData(
                Given.SYSTEM, "shut down in recovery", Given.END, new Timeline(2), Optional.of(Given.FORK), Given.END));
        assertThat(good.decide().action())
                .isEqualTo(new Action.StartStandby(new PostgresSettings.Remote(Given.SELF, GivenRemote.REMOTE)));

        Given unknown = down(GivenRemote.leading(new Given()), "shut down in recovery", Given.END);
        assertThat(unknown.decide().action())
                .isEqualTo(new Action.StartStandby(new PostgresSettings.Detached(Given.SELF)));
    }

    @Test
    void aServerThatIsOnlyAwayIsWaitedFor() {
        Given given = GivenRemote.leading(new Given());
        given.standby = new org.pgpod.haagent.model.StandbyOutlook(given.standby.wish(), Fact.unseen("away"));
        given.database = GivenRemote.withSlots(Given.standby(2, Given.END, DatabaseFacts.Receiver.NONE, false));

        assertThat(reason(given)).isEqualTo(Reason.Code.STANDBY_WAIT_REMOTE);
    }

    @Test
    void theSlotIsLeftToTheNextLeaderWhenTheTermIsOver() {
        Given given = GivenRemote.leading(new Given());
        given.term = Optional.empty();

        assertThat(given.decide().action()).isEqualTo(new Action.Configure(new PostgresSettings.Detached(Given.SELF)));
        assertThat(reason(given)).isEqualTo(Reason.Code.STANDBY_DETACH);
    }

    @Test
    void itForgetsAMemberThatIsGoneWhenAsked() {
        Given given = GivenRemote.leading(new Given()).asked(new Request.Remove("r", "demo-2"));
        given.members.set(
                2,
                new org.pgpod.haagent.model.MemberSighting(given.members.get(2).status(), "1", Given.NOW - 120_000));

        assertThat(given.decide().action()).isEqualTo(new Action.RemoveMember("demo-2", "1"));
    }

    // ---- who leads

    private static Given vacant() {
        Given given = new Given()
                .record(next -> next.phase(ClusterRecord.Phase.STANDBY))
                .expired();
        return GivenRemote.toFollow(given, GivenRemote.remote(2, Given.END));
    }

    @Test
    void theMostAdvancedTakesTheLeaseWithoutVotes() {
        Given given = vacant().silent(0);
        given.changed(1, json -> json.put("received", LATER.toString()));

        ClusterRecord next = taken(given);
        assertThat(next.phase()).isEqualTo(ClusterRecord.Phase.STANDBY);
        assertThat(next.epoch()).isEqualTo(new Epoch(6));
        assertThat(next.timeline()).isEqualTo(new Timeline(2));
    }

    @Test
    void othersComeLater() {
        Given given = vacant().silent(0);
        given.changed(2, json -> json.put("received", LATER.toString()));
        given.changedMillis =
                Given.NOW - given.settings.timings().leaseDuration().toMillis() - 200;

        assertThat(reason(given)).isEqualTo(Reason.Code.STANDBY_WAIT_TURN);
    }

    @Test
    void aReleasedLeaseIsNeverTakenToWriteWhileTheSettingIsThere() {
        Given given = vacant();
        given.holder = "";

        assertThat(taken(given).allowsWriting()).isFalse();
    }

    @Test
    void whoeverIsElectedWhileTheClusterIsToFollowMayNotWrite() {
        Given given = GivenRemote.toFollow(new Given().expired(), GivenRemote.remote(2, Given.END))
                .voted(Given.END, Duration.ofSeconds(5));

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_WON);
        assertThat(taken(given).allowsWriting()).isFalse();
    }

    @Test
    void aSwitchoverGivesTheLeaseToTheNamedMember() {
        Given given = GivenRemote.leading(new Given()).asked(new Request.Switchover("s", Optional.of("demo-2")));

        assertThat(given.decide().action()).isInstanceOf(Action.Release.class);
        ClusterRecord next = ((Action.Release) given.decide().action()).record();
        assertThat(next.prefer()).contains("demo-2");
        assertThat(next.phase()).isEqualTo(ClusterRecord.Phase.STANDBY);
    }

    @Test
    void aSwitchoverToNobodyIsRefused() {
        Given given = GivenRemote.leading(new Given()).asked(new Request.Switchover("s", Optional.of("demo-9")));

        assertThat(given.decide().memory().answer().map(Memory.Answer::answer))
                .containsInstanceOf(RequestAnswer.Refused.class);
    }

    // ---- how it begins

    @Test
    void theFounderOfAStandbyClusterHoldsALeaseWithoutTheRightToWrite() {
        Given given = GivenRemote.toFollow(new Given().emptyVolume(), GivenRemote.remote(2, Given.END));
        given.leaseExists = false;
        given.members.replaceAll(member -> new org.pgpod.haagent.model.MemberSighting(
                Given.bare(member.status()), member.resourceVersion(), member.changedMillis()));

        assertThat(given.decide().action()).isInstanceOf(Action.CreateLease.class);
        assertThat(((Action.CreateLease) given.decide().action())
                        .draft()
                        .record()
                        .phase())
                .isEqualTo(ClusterRecord.Phase.STANDBY);
    }

    @Test
    void nobodyFoundsAClusterBeforeTheConfigurationWasRead() {
        Given given = GivenRemote.wishing(new Given().emptyVolume(), Fact.unseen("unreachable"));
        given.leaseExists = false;
        given.members.replaceAll(member -> new org.pgpod.haagent.model.MemberSighting(
                Given.bare(member.status()), member.resourceVersion(), member.changedMillis()));

        assertThat(reason(given)).isEqualTo(Reason.Code.WAIT_CONFIGURATION);
    }

    @Test
    void aPrimaryStopsInOrderForAServerThatFollowsIt() {
        Given given = GivenRemote.toFollow(new Given().mine(), GivenRemote.remote(2, JUST_PAST_FORK));

        assertThat(given.decide().action()).isEqualTo(new Action.Stop(SupervisorRequest.Stop.FAST));
        assertThat(reason(given)).isEqualTo(Reason.Code.STANDBY_DEMOTE);
    }

    @Test
    void aPrimaryGoesOnThatTheOtherClusterLeftBehind() {
        Given given = GivenRemote.toFollow(new Given().mine(), GivenRemote.remote(3, JUST_PAST_FORK));

        assertThat(reason(given)).isEqualTo(Reason.Code.STANDBY_REFUSED);
        assertThat(given.decide().token().role()).isEqualTo(LeaseToken.Role.PRIMARY);
    }

    @Test
    void aStoppedPrimaryBeginsAnEpochInWhichNobodyMayWrite() {
        Given given = down(
                GivenRemote.toFollow(new Given().mine(), GivenRemote.remote(2, Given.END)), "shut down", Given.END);

        ClusterRecord next = taken(given);
        assertThat(next.phase()).isEqualTo(ClusterRecord.Phase.STANDBY);
        assertThat(next.epoch()).isEqualTo(new Epoch(6));
        assertThat(next.history()).isEqualTo(Given.LINE);
    }

    @Test
    void aCrashedPrimaryIsStartedAgainFirst() {
        Given given = down(
                GivenRemote.toFollow(new Given().mine(), GivenRemote.remote(2, Given.END)), "in production", Given.END);

        assertThat(given.decide().action()).isInstanceOf(Action.StartPrimary.class);
    }

    // ---- how it ends

    @Test
    void aSettingThatIsGoneBeginsAnEpochToBePromotedIn() {
        Given given = GivenRemote.wishing(
                GivenRemote.leading(new Given()), Fact.seen(new StandbyWish.Off(), Given.NOW - 500));

        ClusterRecord next = taken(given);
        assertThat(next.phase()).isEqualTo(ClusterRecord.Phase.TAKEOVER);
        assertThat(next.epoch()).isEqualTo(new Epoch(6));
        assertThat(next.timeline()).isEqualTo(new Timeline(3));
        assertThat(next.lsn()).isEqualTo(Given.END);
    }

    static List<Fact<StandbyWish>> notOver() {
        return List.of(
                Fact.unseen("unreachable"),
                Fact.seen(new StandbyWish.Unknown(), Given.NOW - 500),
                Fact.seen(new StandbyWish.Unstated(), Given.NOW - 500),
                Fact.seen(new StandbyWish.Off(), Given.NOW - 60_000));
    }

    /** Not read, not understood, deleted, or read too long ago. */
    @ParameterizedTest
    @MethodSource("notOver")
    void nothingElseEndsIt(Fact<StandbyWish> wish) {
        Given given = GivenRemote.wishing(GivenRemote.leading(new Given()), wish);

        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
    }

    @Test
    void aMemberThatHasMoreIsPromotedInstead() {
        Given given = GivenRemote.wishing(
                GivenRemote.leading(new Given()), Fact.seen(new StandbyWish.Off(), Given.NOW - 500));
        given.changed(2, json -> json.put("received", LATER.toString()));

        assertThat(given.decide().action()).isInstanceOf(Action.Release.class);
        assertThat(((Action.Release) given.decide().action()).record().prefer()).contains("demo-2");
    }

    @Test
    void nobodyIsPromotedWhenTheSettingComesBackInTime() {
        Given given = GivenRemote.toFollow(new Given().mine(), GivenRemote.remote(2, Given.END));
        given.record(next -> next.phase(ClusterRecord.Phase.TAKEOVER).timeline(new Timeline(3)));
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.NONE, true);
        given.mode = org.pgpod.haagent.model.SupervisorState.Mode.STANDBY;

        assertThat(taken(given).allowsWriting()).isFalse();
    }

    @Test
    void aPausedClusterStaysAsItIs() {
        Given given = GivenRemote.wishing(
                GivenRemote.leading(new Given()), Fact.seen(new StandbyWish.Off(), Given.NOW - 500));
        given.record(next -> next.pause(true));

        assertThat(reason(given)).isEqualTo(Reason.Code.PAUSED);
    }

    @Test
    void theLeaderIsClonedAnewOnlyWhenAsked() {
        Given given = GivenRemote.leading(new Given()).asked(new Request.Reinitialize("i"));

        assertThat(given.decide().action()).isEqualTo(new Action.Stop(SupervisorRequest.Stop.FAST));
        assertThat(given.down().decide().action())
                .isEqualTo(new Action.CloneRemote(
                        Optional.of(new MemberName("demo-1", Given.OWN)), GivenRemote.REMOTE, List.of()));
    }
}
