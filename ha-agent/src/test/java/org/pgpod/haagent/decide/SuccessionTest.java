package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.Parsed;

/** One row for each way to the Lease that needs no votes: after an orderly release, and where there is no data yet. */
class SuccessionTest {
    private static final Lsn AHEAD = Lsn.parse("0/5000100");

    private static Action action(Given given) {
        return given.decide().action();
    }

    private static Reason.Code reason(Given given) {
        return given.decide().reason().code();
    }

    @Test
    void afterAnOrderlyReleaseThePreferredMemberTakesOverAtOnceWithoutVotes() {
        Given given = new Given().released(Given.END, Optional.of("demo-1"));

        assertThat(action(given)).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void othersLeaveThePreferredMemberItsTime() {
        Given given = new Given().released(Given.END, Optional.of("demo-2"));
        assertThat(reason(given)).isEqualTo(Reason.Code.SWITCHOVER_WAIT_PREFERRED);

        given.changedMillis = Given.NOW - 3_000;
        assertThat(action(given)).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void aMemberThatLacksTheLastByteNeedsAnElection() {
        Given given = new Given().released(AHEAD, Optional.of("demo-1"));
        assertThat(reason(given)).isEqualTo(Reason.Code.SWITCHOVER_WAIT_PREFERRED);

        given.changedMillis = Given.NOW - 1_000;
        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_FREEZE);
    }

    @Test
    void theLastHolderTakesItsReleasedLeaseBackOnlyAfterTheOthers() {
        Given given = new Given().released(Given.END, Optional.of("demo-2")).record(next -> next.data(Given.OWN));
        given.changedMillis = Given.NOW - 2_999;
        assertThat(reason(given)).isEqualTo(Reason.Code.SWITCHOVER_WAIT_PREFERRED);

        given.changedMillis = Given.NOW - 3_000;
        assertThat(action(given)).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void aReleaseThatWasNotCleanNeedsVotes() {
        Given given = new Given().released(Given.END, Optional.of("demo-1")).record(next -> next.clean(false));

        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_FREEZE);
    }

    @Test
    void onlyWhereNobodyHasDataAClusterIsFounded() {
        Given given = new Given().emptyVolume();
        given.leaseExists = false;
        assertThat(reason(given)).isEqualTo(Reason.Code.BLOCKED_LEASE_MISSING);

        given.members.replaceAll(member ->
                new MemberSighting(Given.bare(member.status()), member.resourceVersion(), member.changedMillis()));
        assertThat(action(given)).isInstanceOfSatisfying(Action.CreateLease.class, create -> {
            assertThat(create.draft().epoch()).isEqualTo(new Epoch(1));
            assertThat(create.draft().record().phase()).isEqualTo(ClusterRecord.Phase.BOOTSTRAP);
        });

        given.membersSeen = false;
        assertThat(action(given)).isEqualTo(new Action.Nothing());
    }

    @Test
    void aMissingLeaseBlocksAMemberThatHasData() {
        Given given = new Given();
        given.leaseExists = false;

        assertThat(reason(given)).isEqualTo(Reason.Code.BLOCKED_LEASE_MISSING);
    }

    @Test
    void theFoundersPlaceIsInheritedOnlyWhileNoDataWasRecorded() {
        Given given = new Given().emptyVolume().expired();
        assertThat(reason(given)).isEqualTo(Reason.Code.ELECTION_NOT_A_CANDIDATE);

        Given early = new Given().emptyVolume().expired();
        early.record = ClusterRecord.first(new Epoch(1));
        early.parsed = new Parsed.Valid<>(early.record);
        early.members.replaceAll(member ->
                new MemberSighting(Given.bare(member.status()), member.resourceVersion(), member.changedMillis()));
        assertThat(action(early))
                .isInstanceOfSatisfying(
                        Action.TakeOver.class,
                        takeOver ->
                                assertThat(takeOver.draft().record().phase()).isEqualTo(ClusterRecord.Phase.BOOTSTRAP));
    }
}
