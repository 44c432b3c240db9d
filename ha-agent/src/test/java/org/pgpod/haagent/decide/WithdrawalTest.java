package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.Voters;

/** A copy in a synchronous cluster is destroyed only when no record that counts on it can still be on its way. */
class WithdrawalTest {
    private static final MemberName OTHER = new MemberName("demo-2", new DataId("000000b2"));

    private static Given asked() {
        return new Given()
                .record(next -> next.mode(ClusterRecord.Mode.SYNC, false).promise(new Voters(List.of(OTHER), 1)))
                .down()
                .asked(new Request.Reinitialize("r1"));
    }

    private static Given withdrawing(long publishedAgoMillis, Optional<String> noted) {
        Given given = asked();
        given.memory = given.memory
                .change()
                .withdrawal(new Withdrawal(Given.NOW - publishedAgoMillis, noted))
                .build();
        given.published = Optional.of(asked().decide().status());
        return given;
    }

    @Test
    void itIsPublishedFirst() {
        Decision decision = asked().decide();

        assertThat(decision.action()).isEqualTo(new Action.Nothing());
        assertThat(decision.reason().code()).isEqualTo(Reason.Code.REJOIN_WITHDRAW);
        assertThat(Withdrawal.isAnnouncedBy(decision.status())).isTrue();
    }

    /** The words of a reason are for people: whoever rewords one, or adds one, must not change who is a voter. */
    @Test
    void itIsAKeyOfItsOwnAndOlderAgentsAreUnderstoodByTheirWords() {
        MemberStatus said = asked().decide().status();
        assertThat(said.withdrawing()).isTrue();
        assertThat(Withdrawal.isAnnouncedBy(Changed.status(said, json -> json.put("reason", "something else"))))
                .isTrue();
        MemberStatus older = Changed.status(said, json -> json.remove("withdrawing"));
        assertThat(older.withdrawing()).isFalse();
        assertThat(Withdrawal.isAnnouncedBy(older)).isTrue();
        assertThat(Withdrawal.isAnnouncedBy(
                        Changed.status(older, json -> json.put("reason", "CLONE_WAL_GONE lsn=0/1"))))
                .isTrue();
        assertThat(Withdrawal.isAnnouncedBy(Changed.status(older, json -> json.put("reason", "CLONES_ARE_FINE"))))
                .isFalse();
        assertThat(Withdrawal.isAnnouncedBy(new Given().decide().status())).isFalse();
    }

    /** Every reason for a copy, so that a new one is not forgotten. */
    @Test
    void everyReasonToCloneOrRewindAnnouncesIt() {
        for (Reason.Code code : Reason.Code.values()) {
            boolean meant = code.name().startsWith("CLONE_")
                    || code == Reason.Code.REJOIN_REWIND
                    || code == Reason.Code.REJOIN_WAIT_VOTERS
                    || code == Reason.Code.REJOIN_WITHDRAW;
            assertThat(Withdrawal.isMeantBy(Reason.of(code))).as(code.name()).isEqualTo(meant);
        }
    }

    @Test
    void theTimeRunsFromWhenTheApiHasIt() {
        Given given = asked();
        given.published = Optional.of(given.decide().status());

        assertThat(given.decide().memory().withdrawal()).isEqualTo(new Withdrawal(Given.NOW, Optional.empty()));
    }

    @Test
    void aVersionIsNotedOnlyOnceEverybodyMustHaveReadIt() {
        long known = Withdrawal.KNOWN.toMillis();

        assertThat(withdrawing(known - 1, Optional.empty())
                        .decide()
                        .memory()
                        .withdrawal()
                        .noted())
                .isEmpty();
        // The Lease was read 100 ms ago, and only a read from afterwards counts.
        assertThat(withdrawing(known + 200, Optional.empty())
                        .decide()
                        .memory()
                        .withdrawal()
                        .noted())
                .contains(Given.VERSION);
    }

    @Test
    void untilAnotherVersionIsSeenARecordThatNamesItMayBeOnItsWay() {
        Given given = withdrawing(20_000, Optional.of(Given.VERSION));

        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.REJOIN_WITHDRAW);
    }

    @Test
    void thenTheCopyMayGo() {
        Given given = withdrawing(20_000, Optional.of("earlier"));

        assertThat(given.decide().action()).isInstanceOf(Action.Clone.class);
    }

    @Test
    void aMemberThatFollowsAgainBeginsAnew() {
        Given given = withdrawing(20_000, Optional.of("earlier"));
        given.published = Optional.of(new Given().decide().status());

        assertThat(given.decide().memory().withdrawal()).isEqualTo(Withdrawal.NONE);
    }

    @Test
    void whereNobodyConfirmsCommitsNobodyWaits() {
        Given given = new Given().down().asked(new Request.Reinitialize("r1"));

        assertThat(given.decide().action()).isInstanceOf(Action.Clone.class);
    }

    @Test
    void byAnOldListOfMembersNobodyIsMadeAVoter() {
        SynchronyTest holder = new SynchronyTest();
        holder.wanted(org.pgpod.haagent.model.SynchronousSettings.Mode.QUORUM, false, 1);
        holder.given.record(next -> next.mode(ClusterRecord.Mode.SYNC, false));
        assertThat(holder.decide().action()).isInstanceOf(Action.Configure.class);

        holder.given.listedMillis = Given.NOW - Withdrawal.KNOWN.toMillis() - 1;
        assertThat(holder.decide().action()).isInstanceOf(Action.Nothing.class);
    }
}
