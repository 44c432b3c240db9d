package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PreferenceSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.StorageSettings;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.StorageTrouble;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.Voters;
import org.pgpod.haagent.testing.TestSettings;

/** What a full, failing or stuck volume makes of a primary, a standby and a candidate. */
class StorageTest {
    private static final long ROOM = 10L * Storage.FREE_BYTES_MIN;
    private static final long LONG_AGO = Given.NOW - Storage.LASTING.toMillis() - 1;

    private static Given on(Given given, StorageSettings.OnFailure policy) {
        given.settings = TestSettings.of(new StorageSettings(policy, Duration.ofSeconds(30)), PreferenceSettings.NONE);
        return given;
    }

    private static StorageState probed(long free, Optional<StorageState.Problem> problem) {
        return new StorageState("boot", Given.NOW - 1_000, 0, free, 1L << 40, problem);
    }

    private static Given with(Given given, StorageTrouble trouble) {
        given.storage = Optional.of(
                switch (trouble) {
                    case FULL -> probed(0, Optional.of(StorageState.Problem.ENOSPC));
                    case FAILING -> probed(ROOM, Optional.of(StorageState.Problem.EROFS));
                    case STUCK ->
                        new StorageState(
                                "boot", Given.NOW - 40_000, Given.NOW - 31_000, ROOM, 1L << 40, Optional.empty());
                });
        given.memory = given.memory
                .change()
                .watch(given.memory.watch().withTrouble(Optional.of(trouble), LONG_AGO))
                .build();
        return given;
    }

    private static Given primary(StorageTrouble trouble, StorageSettings.OnFailure policy) {
        return with(on(new Given().mine(), policy), trouble);
    }

    private static Reason.Code reason(Given given) {
        return given.decide().reason().code();
    }

    private static Optional<StorageTrouble> seen(StorageState state) {
        Given given = new Given();
        given.storage = Optional.of(state);
        return given.decide().status().storage();
    }

    @Test
    void whatTheProbeFindsIsToldApart() {
        assertThat(seen(probed(ROOM, Optional.empty()))).isEmpty();
        assertThat(seen(probed(ROOM, Optional.of(StorageState.Problem.OTHER)))).isEmpty();
        assertThat(seen(probed(ROOM, Optional.of(StorageState.Problem.ENOSPC)))).contains(StorageTrouble.FULL);
        assertThat(seen(probed(Storage.FREE_BYTES_MIN - 1, Optional.empty()))).contains(StorageTrouble.FULL);
        assertThat(seen(probed(Storage.FREE_BYTES_MIN, Optional.empty()))).isEmpty();
        assertThat(seen(probed(ROOM, Optional.of(StorageState.Problem.EIO)))).contains(StorageTrouble.FAILING);
        assertThat(seen(probed(ROOM, Optional.of(StorageState.Problem.EROFS)))).contains(StorageTrouble.FAILING);
    }

    @Test
    void aProbeIsStuckOnceItHasRunForTheWholeTimeout() {
        long timeout = StorageSettings.STANDARD.timeout().toMillis();
        assertThat(seen(new StorageState("boot", 0, Given.NOW - timeout, ROOM, 1L << 40, Optional.empty())))
                .contains(StorageTrouble.STUCK);
        assertThat(seen(new StorageState("boot", 0, Given.NOW - timeout + 1, ROOM, 1L << 40, Optional.empty())))
                .isEmpty();
    }

    @Test
    void aProbeThatIsGoneSaysNothing() {
        assertThat(seen(new StorageState(
                        "boot", Given.NOW - 60_000, 0, 0, 1L << 40, Optional.of(StorageState.Problem.EIO))))
                .isEmpty();
    }

    @Test
    void aFullVolumeIsWellAgainOnlyWithTwiceTheRoom() {
        Given given = with(new Given(), StorageTrouble.FULL);
        given.storage = Optional.of(probed(2 * Storage.FREE_BYTES_MIN - 1, Optional.empty()));
        assertThat(given.decide().status().storage()).contains(StorageTrouble.FULL);
        given.storage = Optional.of(probed(2 * Storage.FREE_BYTES_MIN, Optional.empty()));
        assertThat(given.decide().status().storage()).isEmpty();
    }

    @Test
    void aStandbySaysWhatIsWrongAndGoesOn() {
        Decision decision = with(new Given(), StorageTrouble.FULL).decide();

        assertThat(decision.action()).isEqualTo(new Action.Nothing());
        assertThat(decision.reason().toString()).isEqualTo("STORAGE_FULL while=FOLLOW_STREAMING");
        assertThat(decision.status().reason()).contains("STORAGE_FULL while=FOLLOW_STREAMING");
    }

    @Test
    void aPrimaryWithAFullVolumeIsSwitchedOver() {
        Decision decision =
                primary(StorageTrouble.FULL, StorageSettings.OnFailure.FAILOVER).decide();

        assertThat(decision.action()).isEqualTo(new Action.Checkpoint());
        assertThat(decision.memory().handover()).isPresent();
    }

    @Test
    void aVolumeThatIsFullForAMomentMovesNothing() {
        Given given = primary(StorageTrouble.FULL, StorageSettings.OnFailure.FAILOVER);
        given.memory = given.memory
                .change()
                .watch(given.memory.watch().withTrouble(Optional.of(StorageTrouble.FULL), Given.NOW - 3_000))
                .build();

        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());
        assertThat(reason(given)).isEqualTo(Reason.Code.STORAGE_FULL);
    }

    @Test
    void afterASwitchoverThatFailedTheLeaseIsGivenAway() {
        Given given = primary(StorageTrouble.FULL, StorageSettings.OnFailure.FAILOVER);
        given.memory = given.memory
                .change()
                .answer("storage-" + LONG_AGO, new RequestAnswer.Failed("no"))
                .build();
        assertThat(given.decide().action()).isEqualTo(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE));
        assertThat(reason(given)).isEqualTo(Reason.Code.STORAGE_FULL);

        assertThat(given.down().decide().action()).isInstanceOfSatisfying(Action.Release.class, release -> {
            assertThat(release.record().phase()).isEqualTo(ClusterRecord.Phase.RELEASED);
            assertThat(release.record().clean()).isFalse();
            assertThat(release.record().failed()).containsExactly("demo-1");
        });
    }

    @Test
    void aFullPrimaryThatIsDownIsNotStartedAgainWhileAnotherCanServe() {
        Given given =
                primary(StorageTrouble.FULL, StorageSettings.OnFailure.FAILOVER).down();

        assertThat(given.decide().action()).isInstanceOf(Action.Release.class);
    }

    @Test
    void aFailingVolumeEndsThePrimaryWithoutASwitchover() {
        Given given = primary(StorageTrouble.FAILING, StorageSettings.OnFailure.FAILOVER);

        assertThat(given.decide().action()).isEqualTo(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE));
        assertThat(reason(given)).isEqualTo(Reason.Code.STORAGE_FAILING);
    }

    @Test
    void aPrimaryThatDoesNotStopIsFencedInsteadOfReleased() {
        Given given = primary(StorageTrouble.FAILING, StorageSettings.OnFailure.FAILOVER);
        given.postgres = SupervisorState.Postgres.STOPPING;
        given.databaseSeen = false;
        given.memory = given.memory
                .change()
                .failed(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE), Given.NOW + 500)
                .build();

        assertThat(given.decide().action()).isEqualTo(new Action.Fence());
    }

    @Test
    void aStuckPrimaryIsFencedAndItsLeaseIsNotGivenAway() {
        Given given = primary(StorageTrouble.STUCK, StorageSettings.OnFailure.FAILOVER);
        assertThat(given.decide().action()).isEqualTo(new Action.Fence());

        // The fence is not yet answered: the term is gone, Postgres still stops.
        given.term = Optional.empty();
        given.postgres = SupervisorState.Postgres.STOPPING;
        given.databaseSeen = false;
        assertThat(given.decide().action()).isNotInstanceOf(Action.Release.class);
    }

    @Test
    void aStuckPrimaryIsFencedEvenIfNothingElseOfThePodIsKnown() {
        Given given = primary(StorageTrouble.STUCK, StorageSettings.OnFailure.FAILOVER);
        given.supervisorSeen = false;
        given.databaseSeen = false;

        assertThat(given.decide().action()).isEqualTo(new Action.Fence());
    }

    @Test
    void nobodyHandsOverToNobody() {
        for (StorageTrouble trouble : StorageTrouble.values()) {
            Given given = primary(trouble, StorageSettings.OnFailure.FAILOVER)
                    .silent(0)
                    .changed(2, json -> json.put("storage", "full"));

            assertThat(given.decide().action()).as("%s", trouble).isEqualTo(new Action.Nothing());
            assertThat(given.decide().reason().detail()).as("%s", trouble).contains("successor=none");
        }
    }

    @Test
    void aMemberThatLagsTooFarIsNoSuccessor() {
        Given given = primary(StorageTrouble.STUCK, StorageSettings.OnFailure.FAILOVER)
                .silent(0)
                .changed(2, json -> json.put("received", "0/1000000").put("replayed", "0/1000000"));
        given.databaseSeen = false;

        assertThat(given.decide().action()).isNotEqualTo(new Action.Fence());
    }

    @Test
    void waitingMeansOnlyToTell() {
        for (StorageTrouble trouble : StorageTrouble.values()) {
            Decision decision = primary(trouble, StorageSettings.OnFailure.WAIT).decide();

            assertThat(decision.action()).as("%s", trouble).isEqualTo(new Action.Nothing());
            assertThat(decision.reason().code().name()).startsWith("STORAGE_");
            assertThat(decision.token().phase()).isEqualTo(LeaseToken.Phase.OPEN);
        }
    }

    @Test
    void aPausedClusterIsLeftAsItIs() {
        for (StorageTrouble trouble : StorageTrouble.values()) {
            Given given = primary(trouble, StorageSettings.OnFailure.FAILOVER).record(next -> next.pause(true));

            assertThat(given.decide().action()).as("%s", trouble).isEqualTo(new Action.Nothing());
        }
    }

    @Test
    void fencingStopsPostgresAndKeepsTheLease() {
        Given given = primary(StorageTrouble.FAILING, StorageSettings.OnFailure.FENCE);
        Decision stopping = given.decide();
        assertThat(stopping.action()).isEqualTo(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE));
        assertThat(stopping.token().phase()).isEqualTo(LeaseToken.Phase.CUT);

        given.down();
        given.memory = given.memory.change().openingMillis(Given.NOW - 600_000).build();
        Decision stopped = given.decide();
        assertThat(stopped.action()).isEqualTo(new Action.Nothing());
        assertThat(stopped.reason().code()).isEqualTo(Reason.Code.BLOCKED_STORAGE);
        assertThat(stopped.memory().openingMillis()).isZero();

        given.storage = Optional.of(probed(ROOM, Optional.empty()));
        given.memory = stopped.memory();
        assertThat(given.decide().action()).isInstanceOf(Action.StartPrimary.class);
    }

    @Test
    void aFencedPrimaryThatDoesNotStopIsKilled() {
        Given given = primary(StorageTrouble.STUCK, StorageSettings.OnFailure.FENCE);
        given.postgres = SupervisorState.Postgres.STOPPING;
        given.databaseSeen = false;
        given.memory = given.memory
                .change()
                .failed(new Action.Stop(SupervisorRequest.Stop.IMMEDIATE), Given.NOW + 500)
                .build();

        assertThat(given.decide().action()).isEqualTo(new Action.Stop(SupervisorRequest.Stop.KILL));
    }

    @Test
    void aMemberWithAFailedVolumeIsNoCandidate() {
        for (StorageTrouble trouble : StorageTrouble.values()) {
            Given given = with(new Given().expired(), trouble);

            assertThat(given.decide().action()).as("%s", trouble).isEqualTo(new Action.Nothing());
            assertThat(given.decide().reason().detail()).contains("while=ELECTION_NOT_A_CANDIDATE");
            assertThat(given.decide().status().vote()).isEmpty();
        }
    }

    @Test
    void aFullMemberIsACandidateWhenAllAreFull() {
        Given given = with(new Given().expired(), StorageTrouble.FULL)
                .silent(0)
                .changed(2, json -> json.put("storage", "full"));
        assertThat(given.decide().action()).isInstanceOf(Action.Configure.class);

        Given stuck = with(new Given().expired(), StorageTrouble.STUCK)
                .silent(0)
                .changed(2, json -> json.put("storage", "stuck"));
        assertThat(stuck.decide().action()).isEqualTo(new Action.Nothing());
    }

    @Test
    void aMemberWithAFailedVolumeIsNotChosenForASwitchover() {
        Given given = new Given().mine().changed(0, json -> json.put("storage", "failing"));
        given.asked(new Request.Switchover("s", Optional.of("demo-0")));

        assertThat(given.decide().memory().answer())
                .hasValueSatisfying(answer -> assertThat(answer.answer()).isInstanceOf(RequestAnswer.Refused.class));
    }

    @Test
    void inSynchronousModeTheVotersThatAreLeftMustBeEnoughToElect() {
        List<MemberName> voters = List.of(
                new MemberName("demo-0", new DataId("000000b0")), new MemberName("demo-2", new DataId("000000b2")));
        Given both = primary(StorageTrouble.STUCK, StorageSettings.OnFailure.FAILOVER)
                .record(next -> next.promise(new Voters(voters, 1)).mode(ClusterRecord.Mode.SYNC, false));
        assertThat(both.decide().action()).isEqualTo(new Action.Fence());

        Given one = primary(StorageTrouble.STUCK, StorageSettings.OnFailure.FAILOVER)
                .record(next -> next.promise(new Voters(voters, 1)).mode(ClusterRecord.Mode.SYNC, false))
                .silent(0);
        assertThat(one.decide().action()).isNotEqualTo(new Action.Fence());

        Given alone = primary(StorageTrouble.STUCK, StorageSettings.OnFailure.FAILOVER)
                .record(next -> next.promise(Voters.NONE).mode(ClusterRecord.Mode.SYNC, false));
        assertThat(alone.decide().action()).isNotEqualTo(new Action.Fence());
    }

    @Test
    void noDecisionOnAVolumeChangesItsMindWithoutNews() {
        for (StorageTrouble trouble : List.of(StorageTrouble.FULL, StorageTrouble.STUCK)) {
            Given given = primary(trouble, StorageSettings.OnFailure.WAIT);
            Decision first = given.decide();
            given.memory = first.memory();

            assertThat(given.decide()).as("%s", trouble).isEqualTo(first);
        }
    }
}
