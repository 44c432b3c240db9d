package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.CloneSettings;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotState;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.SlotWishes;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.VolumeState;

/** Members that stand apart: demo-1 takes WAL from the archive only, or replays it late. */
class ApartTest {
    private static final Map<String, String> NO_STREAM = Map.of("nostream", "true");
    private static final Map<String, String> DELAYED = Map.of("applyDelay", "1h");
    private static final PostgresSettings ARCHIVED = new PostgresSettings.Archived(Given.SELF, "fetch %f %p");
    private static final Lsn PAST_FORK = Lsn.parse("0/3000100");

    private static Given archived() {
        Given given = new Given().tagged(1, NO_STREAM);
        given.settings = given.settings.with(
                given.settings.bootstrap(),
                new CloneSettings(List.of(CloneSettings.BASE_BACKUP), Optional.of("fetch %f %p")));
        given.loaded = Optional.of(ARCHIVED);
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.NONE, false);
        return given;
    }

    private static VolumeState withTimeline(VolumeState from, Epoch epoch, Timeline timeline) {
        return new VolumeState(
                from.data(), from.systemId(), epoch, Optional.of(timeline), Optional.empty(), Optional.empty());
    }

    @Test
    void aMemberThatIsNotToStreamTakesAllItsWalFromTheArchive() {
        Given streams = archived();
        streams.loaded = Optional.of(new PostgresSettings.Standby(Given.SELF, Given.PRIMARY));
        assertThat(streams.decide().action()).isEqualTo(new Action.Configure(ARCHIVED));

        Given down = archived().down().control("shut down in recovery", 2, Given.END, Given.END);
        assertThat(down.decide().action()).isEqualTo(new Action.StartStandby(ARCHIVED));

        assertThat(archived().decide().reason().code()).isEqualTo(Reason.Code.FOLLOW_ARCHIVE);
    }

    @Test
    void itNotesItsTimelineAndLosesTheCopyThatWasReplaced() {
        Given given = archived();
        given.volume = withTimeline(given.volume, new Epoch(1), new Timeline(1));
        assertThat(given.decide().action()).isInstanceOf(Action.MarkVolume.class);

        Given cloned = archived();
        cloned.memory = cloned.memory.change().cloned(true).build();
        assertThat(cloned.decide().action()).isEqualTo(new Action.Discard());
    }

    @Test
    void whatTheArchiveHasBesideTheClustersLineIsADivergenceAsElsewhere() {
        Given given = archived();
        given.database = Given.standby(1, PAST_FORK, DatabaseFacts.Receiver.NONE, false);

        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.REJOIN_STOP);
    }

    @Test
    void itFreezesForAnElectionLikeOthersAndStaysFrozen() {
        assertThat(archived().expired().decide().action())
                .isEqualTo(new Action.Configure(new PostgresSettings.Detached(Given.SELF)));

        Given frozen = archived();
        frozen.volume = frozen.frozen(Optional.of(Given.VERSION));
        assertThat(frozen.decide().action()).isEqualTo(new Action.Configure(new PostgresSettings.Detached(Given.SELF)));
    }

    @Test
    void aCopyThatWasNeverConsistentIsStartedAnewWithTheArchive() {
        Given given = archived();
        given.databaseSeen = false;
        given.loaded = Optional.of(new PostgresSettings.Detached(Given.SELF));
        given.memory = given.memory
                .change()
                .copying(new Copying(0, true, Given.NOW - 1_000))
                .build();

        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.FOLLOW_CONFIGURE);
    }

    @Test
    void nobodyKeepsASlotForIt() {
        Given given = new Given().mine().tagged(2, NO_STREAM);
        SlotState old = new SlotState(
                "demo_2_000000b2",
                SlotState.Kind.PHYSICAL,
                "",
                "",
                false,
                false,
                Optional.of(Given.FORK),
                Optional.empty(),
                0,
                false,
                false);

        assertThat(SlotPlanner.plan(
                                given.observation(),
                                SlotWishes.NONE,
                                new SlotSighting(false, Given.END, Given.FORK, 150_020, "replica", List.of(old)),
                                SlotMemory.NONE)
                        .steps())
                .anySatisfy(step -> assertThat(step)
                        .isInstanceOfSatisfying(
                                SlotStep.Drop.class,
                                drop -> assertThat(drop.name()).isEqualTo(old.name())))
                .noneMatch(step -> step.equals(new SlotStep.CreatePhysical(old.name())));
    }

    @Test
    void neitherIsEverAVoter() {
        for (Map<String, String> tags : List.of(NO_STREAM, DELAYED)) {
            SynchronyTest primary = new SynchronyTest();
            primary.wanted(SynchronousSettings.Mode.QUORUM, false, 1);
            primary.given.tagged(2, tags);

            assertThat(primary.decide().action())
                    .isEqualTo(new Action.Configure(new PostgresSettings.Primary(
                            Given.SELF, new SynchronousSet(1, List.of(SynchronyTest.ZERO)))));
        }
    }

    @Test
    void aDelayedMemberIsNeverElectedByItself() {
        Given given = new Given().tagged(1, DELAYED).expired();

        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.ELECTION_NOT_A_CANDIDATE);
    }

    @Test
    void votesOfOthersDoNotWaitForItAndItsOwnWouldNotCount() {
        Lsn ahead = Lsn.parse("0/5000100");
        Given given = new Given()
                .expired()
                .voted(Given.END, java.time.Duration.ofSeconds(5))
                .voteOf(2, ahead)
                .tagged(2, DELAYED);

        assertThat(given.decide().action()).isInstanceOf(Action.TakeOver.class);
        assertThat(given.tagged(2, Map.of()).decide().reason().code()).isEqualTo(Reason.Code.ELECTION_BEHIND);
    }

    @Test
    void aPersonMayHaveADelayedMemberTakeOverOnceItHasReplayedAllItHas() {
        Request force = new Request.Failover("f1", Given.VERSION);
        Given given = new Given().tagged(1, DELAYED).expired().asked(force);
        assertThat(given.decide().action()).isEqualTo(new Action.Configure(new PostgresSettings.Detached(Given.SELF)));

        Given frozen = new Given()
                .tagged(1, DELAYED)
                .expired()
                .voted(Given.END, java.time.Duration.ofSeconds(5))
                .asked(force);
        assertThat(frozen.decide().reason().code()).isEqualTo(Reason.Code.ELECTION_FORCED);

        Given barred =
                new Given().tagged(1, Map.of("nofailover", "true")).expired().asked(force);
        assertThat(barred.decide().reason().code()).isEqualTo(Reason.Code.ELECTION_NOT_A_CANDIDATE);
    }

    @Test
    void noCopyIsMadeOfADelayedMember() {
        Given given = new Given()
                .emptyVolume()
                .changed(
                        2,
                        status -> status.put("state", "streaming")
                                .put("reason", "FOLLOW_STREAMING")
                                .putObject("tags")
                                .put("clonefrom", "true")
                                .put("applyDelay", "1h"));

        assertThat(given.decide().action())
                .isInstanceOfSatisfying(
                        Action.Clone.class,
                        clone -> assertThat(clone.upstream()).isEqualTo(Given.PRIMARY));
    }
}
