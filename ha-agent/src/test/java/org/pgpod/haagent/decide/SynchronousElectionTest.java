package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.Voters;

/** demo-1 wants to succeed a lost demo-0 in synchronous mode. */
class SynchronousElectionTest {
    private static final MemberName ZERO = new MemberName("demo-0", new DataId("000000b0"));
    private static final MemberName TWO = new MemberName("demo-2", new DataId("000000b2"));
    private static final Lsn LESS = Lsn.parse("0/4000000");
    private static final Duration LONG = Duration.ofSeconds(5);
    private static final Duration VERY_LONG = Duration.ofSeconds(20);

    private static Given lost(int w, MemberName... voters) {
        return lost(LONG, w, voters);
    }

    private static Given lost(Duration ago, int w, MemberName... voters) {
        return new Given()
                .record(next -> next.mode(ClusterRecord.Mode.SYNC, false)
                        .promise(new Voters(List.of(voters), w))
                        .data(new DataId("000000b0")))
                .expired()
                .silent(0)
                .voted(Given.END, ago);
    }

    private static Reason.Code reason(Given given) {
        return given.decide().reason().code();
    }

    @Test
    void aVoterOfAllIsEnoughWhereEveryVoterConfirmed() {
        assertThat(reason(lost(1, Given.SELF))).isEqualTo(Reason.Code.ELECTION_WON);
    }

    @Test
    void whereOneOfTwoConfirmedBothVotesAreNeeded() {
        assertThat(reason(lost(1, Given.SELF, TWO))).isEqualTo(Reason.Code.ELECTION_WAIT_VOTES);
        assertThat(reason(lost(1, Given.SELF, TWO).voteOf(2, LESS))).isEqualTo(Reason.Code.ELECTION_WON);
    }

    @Test
    void whereBothConfirmedOneVoteIsEnough() {
        assertThat(reason(lost(2, Given.SELF, TWO))).isEqualTo(Reason.Code.ELECTION_WON);
    }

    @Test
    void oneWhoIsNoVoterNeedsTheVotesOfThoseWhoAre() {
        assertThat(reason(lost(1, TWO))).isEqualTo(Reason.Code.ELECTION_WAIT_VOTES);
        assertThat(reason(lost(1, TWO).voteOf(2, Given.END))).isEqualTo(Reason.Code.ELECTION_WON);
    }

    @Test
    void theVoteOfAnotherDataDirectoryUnderTheNameOfAVoterDoesNotCount() {
        MemberName wiped = new MemberName("demo-2", new DataId("000000ff"));

        assertThat(reason(lost(1, wiped).voteOf(2, Given.END))).isEqualTo(Reason.Code.ELECTION_WAIT_VOTES);
    }

    @Test
    void aVoterThatIsAheadIsNeverOvertakenEvenIfItFailedBefore() {
        Given given = lost(1, TWO).voteOf(2, Lsn.parse("0/6000000")).record(next -> next.failed(List.of("demo-2")));

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_BEHIND);
    }

    @Test
    void withoutVotersNobodyButTheLastHolderIsElected() {
        assertThat(reason(lost(0))).isEqualTo(Reason.Code.ELECTION_WAIT_VOTES);

        Given holder = lost(0).record(next -> next.data(Given.OWN));
        assertThat(reason(holder)).isEqualTo(Reason.Code.ELECTION_WON);
    }

    @Test
    void aFounderThatNeverOpenedItsClusterMayTryAgain() {
        Given given = lost(0).record(next ->
                next.history(TimelineHistory.EMPTY).timeline(new Timeline(1)).phase(ClusterRecord.Phase.BOOTSTRAP));

        assertThat(reason(given)).isNotIn(Reason.Code.ELECTION_WAIT_VOTES, Reason.Code.BLOCKED_VOTES);
    }

    @Test
    void theLastHolderNeedsNoVotes() {
        assertThat(reason(lost(1, ZERO, TWO).record(next -> next.data(Given.OWN))))
                .isEqualTo(Reason.Code.ELECTION_WON);
    }

    @Test
    void theTakeOverLeavesVotersAndModeAsTheyAre() {
        Decision decision = lost(1, Given.SELF).decide();

        ClusterRecord record = ((Action.TakeOver) decision.action()).draft().record();
        assertThat(record.promise()).isEqualTo(new Voters(List.of(Given.SELF), 1));
        assertThat(record.mode()).isEqualTo(ClusterRecord.Mode.SYNC);
    }

    @Test
    void whatIsMissingIsSaidOnceOthersHadTheirTime() {
        Decision decision = lost(VERY_LONG, 1, Given.SELF, TWO).decide();

        assertThat(decision.reason().code()).isEqualTo(Reason.Code.BLOCKED_VOTES);
        assertThat(decision.reason().detail()).isEqualTo("votes=1 needed=2 missing=[demo-2/000000b2]");
    }

    @Test
    void aPersonMayAcceptTheLossForOneVersionOfTheLease() {
        Decision decision =
                lost(1, TWO).asked(new Request.Failover("f1", Given.VERSION)).decide();

        assertThat(decision.reason().code()).isEqualTo(Reason.Code.ELECTION_FORCED);
        assertThat(((Action.TakeOver) decision.action()).resourceVersion()).isEqualTo(Given.VERSION);
        assertThat(decision.memory().answer().orElseThrow().answer()).isInstanceOf(RequestAnswer.Done.class);
    }

    @Test
    void anOutdatedVersionIsRefused() {
        Decision decision = lost(1, TWO).asked(new Request.Failover("f1", "1")).decide();

        assertThat(decision.action()).isEqualTo(new Action.Nothing());
        assertThat(decision.memory().answer().orElseThrow().answer())
                .isEqualTo(new RequestAnswer.Refused("the leader Lease has version " + Given.VERSION));
    }

    @Test
    void aClusterWithAPrimaryIsNotTakenOverByForce() {
        Decision decision =
                new Given().asked(new Request.Failover("f1", Given.VERSION)).decide();

        assertThat(decision.memory().answer().orElseThrow().answer()).isInstanceOf(RequestAnswer.Refused.class);
    }

    @Test
    void aDeletedLeaseIsMadeAgainBeyondEverythingThatAnyMemberKnows() {
        Given given = new Given().asked(new Request.Failover("f1", "none"));
        given.leaseExists = false;
        List<MemberSighting> members = new ArrayList<>(given.members);
        given.members = members;

        Decision decision = given.decide();

        ClusterRecord record = ((Action.CreateLease) decision.action()).draft().record();
        assertThat(record.epoch()).isEqualTo(new Epoch(6));
        assertThat(record.phase()).isEqualTo(ClusterRecord.Phase.TAKEOVER);
        assertThat(record.systemId()).isEqualTo(Optional.of(Given.SYSTEM));
        assertThat(record.timeline().id()).isEqualTo(3);
        assertThat(record.history()).isEqualTo(Given.LINE);
    }
}
