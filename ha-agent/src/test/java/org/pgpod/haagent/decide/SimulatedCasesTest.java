package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.Voters;

/** Situations that seeds of the simulator led to, each reduced to the one decision that was wrong. */
class SimulatedCasesTest {
    @Test
    void anEarlierIncarnationOfOurselvesIsNobodyToCloneFrom() {
        Given given = new Given().down().asked(new Request.Reinitialize("r1"));
        given.holder = "demo-1/earlier";
        var before = given.members.get(1);
        given.members.set(
                1,
                new org.pgpod.haagent.model.MemberSighting(
                        withUid(before.status(), "earlier"), before.resourceVersion(), before.changedMillis()));

        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.FOLLOW_WAIT_UPSTREAM);
    }

    private static org.pgpod.haagent.model.MemberStatus withUid(org.pgpod.haagent.model.MemberStatus s, String uid) {
        return new org.pgpod.haagent.model.MemberStatus(
                s.pod(),
                uid,
                s.data(),
                s.systemId(),
                s.address(),
                s.sqlPort(),
                s.apiPort(),
                s.node(),
                s.zone(),
                s.tags(),
                s.state(),
                s.role(),
                s.epoch(),
                s.timeline(),
                s.history(),
                s.received(),
                s.replayed(),
                s.atEnd(),
                s.vote(),
                s.checkpointTimeline(),
                s.destroying(),
                s.reason(),
                s.progress(),
                s.libraries(),
                s.postgres(),
                s.agent());
    }

    @Test
    void whatIsStreamedFromTheHolderIsNoDivergenceEvenBeforeTheRecordNamesItsTimeline() {
        Given given = new Given();
        given.database = Given.standby(3, Given.END, DatabaseFacts.Receiver.STREAMING, false);

        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.FOLLOW_STALE_LEASE);
    }

    @Test
    void theSameTimelineWithoutAStreamIsADivergence() {
        Given given = new Given();
        given.database = Given.standby(3, Given.END, DatabaseFacts.Receiver.NONE, false);

        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.REJOIN_STOP);
    }

    @Test
    void aRewindThatWasCutShortGoesOnAlthoughTheControlFileCannotBeRead() {
        Given given = new Given().down();
        given.volume = destroying(given.volume, "rewind");

        assertThat(given.decide().action()).isEqualTo(new Action.Rewind(Given.PRIMARY));
    }

    @Test
    void ifItFailsAgainTheCopyIsClonedAnew() {
        Given given = new Given().down();
        given.volume = destroying(given.volume, "rewind");
        given.memory = given.memory.change().rewindFailed(true).build();

        assertThat(given.decide().action()).isInstanceOf(Action.Clone.class);
    }

    private static VolumeState destroying(VolumeState from, String work) {
        return new VolumeState(
                from.data(), from.systemId(), from.epoch(), from.timeline(), from.frozen(), Optional.of(work));
    }

    @Test
    void aClusterWhoseFounderVanishedBeforeAnybodyHadDataIsFoundedByAnother() {
        Given given = new Given().emptyVolume().expired();
        given.members = new java.util.ArrayList<>(given.members.stream()
                .map(member -> new org.pgpod.haagent.model.MemberSighting(
                        Given.bare(member.status()), member.resourceVersion(), member.changedMillis()))
                .toList());
        given.record(next -> next.phase(ClusterRecord.Phase.BOOTSTRAP).history(TimelineHistory.EMPTY));

        assertThat(given.decide().action()).isInstanceOf(Action.TakeOver.class);
    }

    @Test
    void aTimelineThatWasOpenedAndNotRecordedEntersTheHistoryWithTheTakeOver() {
        Lsn end = Lsn.parse("0/5000100");
        Given given = new Given()
                .record(next -> next.epoch(new Epoch(7))
                        .phase(ClusterRecord.Phase.TAKEOVER)
                        .timeline(new Timeline(3)))
                .expired()
                .voted(end, Duration.ofSeconds(5));
        given.database = Given.standby(3, end, DatabaseFacts.Receiver.NONE, true);
        given.volume = new VolumeState(
                given.volume.data(),
                given.volume.systemId(),
                new Epoch(7),
                Optional.of(new Timeline(3)),
                given.volume.frozen(),
                Optional.empty());
        var vote = new org.pgpod.haagent.model.Vote(Given.VERSION, new Epoch(7), new Timeline(3), end);
        given.memory =
                given.memory.change().vote(vote).votedMillis(Given.NOW - 5_000).build();

        assertThat(given.decide().action())
                .isInstanceOfSatisfying(
                        Action.TakeOver.class,
                        takeOver -> assertThat(
                                        takeOver.draft().record().history().entries())
                                .containsAll(
                                        List.of(new TimelineHistory.Entry(new Epoch(7), new Timeline(3), Given.END))));
    }

    @Test
    void aRecordedVoterIsNotClonedBeforeTheHolderHasDoneWithoutIt() {
        Given given = new Given()
                .record(next -> next.mode(ClusterRecord.Mode.SYNC, false).promise(new Voters(List.of(Given.SELF), 1)))
                .down()
                .asked(new Request.Reinitialize("r1"));

        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.REJOIN_WAIT_VOTERS);
    }

    @Test
    void aContainerThatRestartsRunsAnotherServerUnderTheSameProcessId() {
        assertThat(server("a1")).isNotEqualTo(server("b2"));
    }

    private static String server(String instance) {
        return new SupervisorState(
                        "boot",
                        instance,
                        Given.NOW,
                        SupervisorState.Postgres.UP,
                        SupervisorState.Mode.PRIMARY,
                        7,
                        0,
                        0,
                        Optional.empty(),
                        Optional.of(Given.OWN))
                .server();
    }
}
