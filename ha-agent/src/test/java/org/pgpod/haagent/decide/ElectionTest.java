package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.Vote;

/** One row for each rule of taking over a vacant Lease. */
class ElectionTest {
    private static final Duration LONG = Duration.ofSeconds(4);
    private static final Lsn AHEAD = Lsn.parse("0/5000100");
    private static final Lsn BEHIND = Lsn.parse("0/4FFFF00");

    private static Action action(Given given) {
        return given.decide().action();
    }

    private static Reason.Code reason(Given given) {
        return given.decide().reason().code();
    }

    @Test
    void aLeaseThatWasNotReadAfterItsExpiryIsNotExpired() {
        Given given = new Given().expired();
        given.readMillis = given.changedMillis + 5_999;

        assertThat(reason(given)).isNotIn(Reason.Code.ELECTION_FREEZE, Reason.Code.ELECTION_WON);
    }

    @Test
    void expiryFollowsTheDurationOfTheRecordAndOwnClock() {
        Given given = new Given().expired();
        given.readMillis = given.changedMillis + 6_000;

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_FREEZE);
    }

    @Test
    void firstItStopsReceiving() {
        assertThat(action(new Given().expired()))
                .isEqualTo(new Action.Configure(new PostgresSettings.Detached(Given.SELF)));
    }

    @Test
    void itDoesNotVoteWhileTheReceiverLives() {
        Given given = new Given().expired();
        given.loaded = Optional.of(new PostgresSettings.Detached(Given.SELF));
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.STREAMING, true);

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_WAIT_FREEZE);
    }

    @Test
    void itMarksTheVolumeBeforeItVotes() {
        Given given = new Given().expired();
        given.loaded = Optional.of(new PostgresSettings.Detached(Given.SELF));
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.NONE, true);
        assertThat(action(given)).isEqualTo(new Action.MarkVolume(Map.of("frozen", Given.VERSION)));

        given.volume = given.frozen(Optional.of(Given.VERSION));
        assertThat(given.decide().status().vote()).contains(Given.vote(Given.END));
    }

    @Test
    void noVoteInTheFirstLeaseAfterTheAgentStarted() {
        Given given = new Given().expired();
        given.startedMillis = Given.NOW - 5_999;

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_QUARANTINE);
        assertThat(given.decide().status().vote()).isEmpty();
    }

    @Test
    void theVoteCountsOnceItIsKnownToBePublished() {
        Given given = new Given().expired().voted(Given.END, Duration.ZERO);
        given.memory = given.memory.change().votedMillis(0).build();
        assertThat(given.decide().memory().votedMillis()).isZero();

        given.published = Optional.of(given.decide().status());
        assertThat(given.decide().memory().votedMillis()).isEqualTo(Given.NOW);
    }

    @Test
    void itWaitsForTheVotesOfOthers() {
        Given given = new Given().expired().voted(Given.END, Duration.ofMillis(999));

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_WAIT_VOTES);
    }

    @Test
    void theMostAdvancedTakesOverWithExactlyTheVotedVersion() {
        Given given = new Given().expired().voted(Given.END, LONG).voteOf(2, BEHIND);

        assertThat(action(given)).isInstanceOfSatisfying(Action.TakeOver.class, takeOver -> {
            assertThat(takeOver.resourceVersion()).isEqualTo(Given.VERSION);
            assertThat(takeOver.draft().epoch()).isEqualTo(new Epoch(6));
            assertThat(takeOver.draft().record().phase()).isEqualTo(ClusterRecord.Phase.TAKEOVER);
            assertThat(takeOver.draft().record().timeline()).isEqualTo(new Timeline(3));
            assertThat(takeOver.draft().record().history()).isEqualTo(Given.LINE);
            assertThat(takeOver.draft().record().lsn()).isEqualTo(Given.END);
        });
    }

    @Test
    void aVoterIsNotDeadBecauseNobodyCouldBeAskedAboutIt() {
        Given given = new Given().expired().voted(Given.END, LONG).voteOf(2, AHEAD);
        given.silent(2);
        assertThat(action(given)).as("listed now, and silent for long").isInstanceOf(Action.TakeOver.class);

        given.listedMillis = Given.NOW - 30_000;
        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_BEHIND);
    }

    @Test
    void whoeverIsBehindALivingVoteDoesNotTakeOver() {
        Given given = new Given().expired().voted(Given.END, LONG).voteOf(2, AHEAD);

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_BEHIND);
    }

    @Test
    void aVoteOfAMemberThatIsSilentForLongHasNoSay() {
        Given given =
                new Given().expired().voted(Given.END, LONG).voteOf(2, AHEAD).silent(2);

        assertThat(action(given)).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void aVoteForAnotherVersionHasNoSay() {
        Given given = new Given().expired().voted(Given.END, LONG);
        given.members.set(
                2,
                Given.member("demo-2", 2, AHEAD, Optional.of(new Vote("80000", new Epoch(5), new Timeline(2), AHEAD))));

        assertThat(action(given)).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void whoeverLacksMoreThanTheLimitIsNotElected() {
        Given given = new Given().expired().voted(Lsn.parse("0/4EFFFFF"), LONG);
        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_LAGS_TOO_FAR);

        assertThat(action(new Given().expired().voted(Lsn.parse("0/4F00000"), LONG)))
                .isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void equallyAdvancedMembersTryOneAfterTheOther() {
        Given given = new Given().expired().voteOf(0, Given.END).voted(Given.END, Duration.ofMillis(1_499));
        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_RANKED);

        assertThat(action(new Given().expired().voteOf(0, Given.END).voted(Given.END, Duration.ofMillis(1_500))))
                .isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void priorityDecidesAmongEquallyAdvancedMembersOnly() {
        Given equal = new Given()
                .expired()
                .voteOf(0, Given.END)
                .voted(Given.END, Duration.ofSeconds(1))
                .tagged(1, Map.of("failoverPriority", "9"));
        assertThat(action(equal)).isInstanceOf(Action.TakeOver.class);

        Given behind = new Given()
                .expired()
                .voteOf(0, AHEAD)
                .voted(Given.END, LONG)
                .tagged(1, Map.of("failoverPriority", "9"));
        assertThat(reason(behind)).isEqualTo(Reason.Code.ELECTION_BEHIND);
    }

    @Test
    void aMemberTaggedNofailoverNeitherVotesNorStandsInTheWay() {
        Given self = new Given().expired().tagged(1, Map.of("nofailover", "true"));
        assertThat(reason(self)).isEqualTo(Reason.Code.ELECTION_NOT_A_CANDIDATE);

        Given other =
                new Given().expired().voted(Given.END, LONG).voteOf(2, AHEAD).tagged(2, Map.of("nofailover", "true"));
        assertThat(action(other)).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void aMemberThatFailedItsTermLeavesTheOthersAWholeLease() {
        Given given = new Given().expired().voted(Given.END, LONG).record(next -> next.failed(List.of("demo-1")));
        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_RANKED);

        given.voted(Given.END, Duration.ofSeconds(8));
        assertThat(action(given)).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void aFailedMemberThatIsAheadDoesNotBlockTheOthersForEver() {
        Given given = new Given()
                .expired()
                .voted(Given.END, LONG)
                .voteOf(2, AHEAD)
                .record(next -> next.failed(List.of("demo-2")));

        assertThat(action(given)).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void theReservedTimelineIsBeyondAllThatAnybodyKnows() {
        Given given = new Given().expired().voted(Given.END, LONG);
        MemberStatus later = Changed.status(given.members.get(2).status(), json -> json.put("timeline", 9));
        given.members.set(2, new MemberSighting(later, "2", Given.NOW - 90_000));

        assertThat(action(given))
                .isInstanceOfSatisfying(
                        Action.TakeOver.class,
                        takeOver ->
                                assertThat(takeOver.draft().record().timeline()).isEqualTo(new Timeline(10)));
    }

    @Test
    void timelinesThatTheElectedCopyLacksAreNoPartOfTheLineAnyMore() {
        Given given = new Given()
                .expired()
                .voted(Given.END, Duration.ofSeconds(5))
                .silent(0)
                .silent(2);
        given.record(next -> next.timeline(new Timeline(3))
                .history(Given.LINE.with(new TimelineHistory.Entry(new Epoch(6), new Timeline(3), Given.END))));

        Action.TakeOver taken = (Action.TakeOver) given.decide().action();

        assertThat(taken.draft().record().history()).isEqualTo(Given.LINE);
        assertThat(taken.draft().record().timeline()).isEqualTo(new Timeline(4));
    }

    @Test
    void aTakeOverKeepsVotersAndWAsTheyWere() {
        Given given = new Given().expired().voted(Given.END, LONG);

        assertThat(action(given)).isInstanceOfSatisfying(Action.TakeOver.class, takeOver -> {
            assertThat(takeOver.draft().record().voters()).isEqualTo(given.record.voters());
            assertThat(takeOver.draft().record().w()).isEqualTo(given.record.w());
        });
    }

    @Test
    void aTimelineReservedAndPromotedButNeverRecordedIsTheMostAdvanced() {
        Given given = new Given()
                .record(next -> next.epoch(new Epoch(6))
                        .phase(ClusterRecord.Phase.TAKEOVER)
                        .timeline(new Timeline(3)))
                .expired()
                .voteOf(2, AHEAD);
        var own = new Vote(Given.VERSION, new Epoch(6), new Timeline(3), Given.END);
        given.voted(Given.END, LONG);
        given.database = Given.standby(3, Given.END, DatabaseFacts.Receiver.NONE, true);
        given.memory =
                given.memory.change().vote(own).votedMillis(Given.NOW - 4_000).build();

        assertThat(action(given)).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void aDivergedMemberDoesNotVote() {
        Given given = new Given().expired();
        given.loaded = Optional.of(new PostgresSettings.Detached(Given.SELF));
        given.database = Given.standby(1, Lsn.parse("0/3000100"), DatabaseFacts.Receiver.NONE, true);
        given.volume = given.frozen(Optional.of(Given.VERSION));

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_NOT_A_CANDIDATE);
        assertThat(given.decide().status().vote()).isEmpty();
    }

    @Test
    void aMemberWithUnfinishedDestructiveWorkNeverVotes() {
        Given given = new Given().expired();
        given.volume = new VolumeState(
                Optional.of(Given.OWN),
                Optional.of(Given.SYSTEM),
                new Epoch(5),
                Optional.of(new Timeline(2)),
                Optional.empty(),
                Optional.of("rewind"));

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_NOT_A_CANDIDATE);
    }

    @Test
    void aStoppedServerIsStartedDetachedToBecomeACandidate() {
        assertThat(action(new Given().expired().down()))
                .isEqualTo(new Action.StartStandby(new PostgresSettings.Detached(Given.SELF)));
    }

    @Test
    void ourOwnLapsedLeaseIsWaitedOutLikeAnyOther() {
        Given given = new Given();
        given.holder = "demo-1/u1";
        assertThat(reason(given)).isEqualTo(Reason.Code.WAIT_LAPSED_LEASE);

        assertThat(reason(given.expired())).isEqualTo(Reason.Code.ELECTION_FREEZE);
    }

    @Test
    void formatsOfTheFutureBlock() {
        Given format = new Given().expired();
        format.parsed = new Parsed.Unknown<>("v=2");
        assertThat(reason(format)).isEqualTo(Reason.Code.BLOCKED_UNSUPPORTED_FORMAT);
    }

    @Test
    void ignoranceNeverElects() {
        Given unread = new Given().expired().voted(Given.END, LONG);
        unread.leaseSeen = false;
        assertThat(action(unread)).isEqualTo(new Action.Nothing());

        Given silent = new Given().expired().voted(Given.END, LONG);
        silent.supervisorSeen = false;
        assertThat(action(silent)).isEqualTo(new Action.Nothing());
    }

    @Test
    void aPausedClusterElectsNobody() {
        assertThat(reason(new Given().record(next -> next.pause(true)).expired()))
                .isEqualTo(Reason.Code.PAUSED);
    }

    @Test
    void tagsAreReadFromTheirTexts() {
        assertThat(new Tags(Map.of("failoverPriority", "0")).excludesFailover()).isTrue();
        assertThat(new Tags(Map.of("nofailover", "false")).excludesFailover()).isFalse();
    }
}
