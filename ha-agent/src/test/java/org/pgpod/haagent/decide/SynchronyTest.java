package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.Voters;

/** The holder demo-1 with the standbys demo-0 and demo-2, in synchronous mode. */
class SynchronyTest {
    static final MemberName ZERO = new MemberName("demo-0", new DataId("000000b0"));
    static final MemberName TWO = new MemberName("demo-2", new DataId("000000b2"));
    private static final Lsn BEFORE = Lsn.parse("0/4FFFFF0");
    private static final String SERVER = "i/7";

    final Given given = new Given().mine();
    String names = "";
    List<DatabaseFacts.Sender> senders = List.of(genuine(ZERO, Given.END), genuine(TWO, Given.END));

    static DatabaseFacts.Sender genuine(MemberName name, Lsn flushed) {
        return Given.sender(name.applicationName(), flushed);
    }

    private static DatabaseFacts.Sender of(MemberName name, String slot, int pid) {
        return new DatabaseFacts.Sender(pid, name.applicationName(), "streaming", Given.END, Optional.of(slot), "t");
    }

    private static HaAgentSettings settings(SynchronousSettings.Mode mode, boolean strict, int nodes) {
        return HaAgentSettings.of(LeaseTimings.Preset.FAST.timings())
                .with(new SynchronousSettings(mode, strict, nodes));
    }

    void wanted(SynchronousSettings.Mode mode, boolean strict, int nodes) {
        given.settings = settings(mode, strict, nodes);
    }

    private void recorded(boolean strict, int w, MemberName... voters) {
        given.record(next -> next.mode(ClusterRecord.Mode.SYNC, strict).promise(new Voters(List.of(voters), w)));
    }

    private void running(int required, MemberName... members) {
        SynchronousSet set = SynchronousSet.of(required, List.of(members));
        names = set.text();
        given.loaded = Optional.of(new PostgresSettings.Primary(Given.SELF, set));
    }

    private void settled(Lsn end) {
        SynchronousSet set = ((PostgresSettings.Primary) given.loaded.orElseThrow()).synchronous();
        given.memory = given.memory
                .change()
                .synchrony(new SynchronousMemory(
                        SERVER,
                        Optional.empty(),
                        Optional.of(new SynchronousMemory.Sighted(set, SERVER)),
                        0,
                        SERVER,
                        Map.of(),
                        Optional.of(end),
                        Map.of()))
                .build();
    }

    private void awayForLong() {
        SynchronousMemory seen = given.memory.synchrony().missing(Map.of(ZERO, Given.NOW - 5_000));
        given.memory = given.memory.change().synchrony(seen).build();
    }

    private void startedWith(SynchronousSet set) {
        SynchronousMemory started = SynchronousMemory.NONE.startedWith(set, Given.NOW - 150);
        given.memory = given.memory.change().synchrony(started).build();
    }

    Decision decide() {
        DatabaseFacts p = Given.primary(2, Given.END);
        given.database = new DatabaseFacts(
                p.systemId(),
                false,
                p.timeline(),
                p.timelineStart(),
                p.received(),
                p.replayed(),
                true,
                p.receiver(),
                false,
                senders,
                p.slots(),
                new Timeline(2),
                p.oldestWal(),
                names,
                true,
                false,
                "15.20");
        Decision decision = given.decide();
        given.memory = decision.memory();
        return decision;
    }

    private static SynchronousSet configured(Decision decision) {
        assertThat(decision.action()).isInstanceOf(Action.Configure.class);
        return ((PostgresSettings.Primary) ((Action.Configure) decision.action()).settings()).synchronous();
    }

    private static Voters written(Decision decision) {
        assertThat(decision.action()).isInstanceOf(Action.WriteRecord.class);
        return ((Action.WriteRecord) decision.action()).record().promise();
    }

    @Test
    void theModeIsRecordedBeforeAnyVoterIs() {
        wanted(SynchronousSettings.Mode.ON, false, 1);

        Decision decision = decide();

        // Commits would not be let through by the set in force: it is changed first, and nothing is recorded yet.
        assertThat(configured(decision)).isEqualTo(new SynchronousSet(1, List.of(ZERO)));
    }

    @Test
    void aVoterIsRecordedOnlyOnceTheSetIsAloneInEffectAndTheVoterHasAllThatWasAcknowledgedBefore() {
        wanted(SynchronousSettings.Mode.ON, false, 1);
        recorded(false, 0);
        running(1, ZERO);

        assertThat(decide().action()).as("the checkpointer may not know yet").isEqualTo(new Action.Checkpoint());

        settled(Given.END);
        senders = List.of(genuine(ZERO, BEFORE), genuine(TWO, Given.END));
        assertThat(decide().action()).as("the voter lags").isInstanceOf(Action.Nothing.class);

        senders = List.of(genuine(ZERO, Given.END), genuine(TWO, BEFORE));
        assertThat(written(decide())).isEqualTo(new Voters(List.of(ZERO), 1));
    }

    @Test
    void whileItIsUnknownWhichRecordIsStoredTheSetStays() {
        wanted(SynchronousSettings.Mode.QUORUM, false, 1);
        recorded(false, 1, ZERO, TWO);
        running(1, ZERO);
        settled(Given.END);
        given.recordUncertain = true;

        assertThat(decide().action()).isInstanceOf(Action.Nothing.class);
    }

    @Test
    void fromOneWaitingSetToAnotherNoCheckpointIsNeeded() {
        wanted(SynchronousSettings.Mode.QUORUM, false, 1);
        recorded(false, 1, ZERO, TWO);
        running(1, ZERO);
        settled(Given.END);
        Decision change = decide();
        assertThat(configured(change)).isEqualTo(new SynchronousSet(1, List.of(ZERO, TWO)));
        running(1, ZERO, TWO);
        given.finished = Optional.of(new ActionReport(1, change.action(), Optional.empty(), "", Given.NOW - 150));

        assertThat(decide().action()).isInstanceOf(Action.Nothing.class);

        running(0);
        given.finished = Optional.of(new ActionReport(
                2,
                new Action.Configure(new PostgresSettings.Primary(Given.SELF, SynchronousSet.NONE)),
                Optional.empty(),
                "",
                Given.NOW - 150));
        assertThat(decide().memory().synchrony().waitingServer()).isEmpty();
    }

    @Test
    void walsendersThatStreamedBeforeTheChangeAreAwaitedTwice() {
        wanted(SynchronousSettings.Mode.QUORUM, false, 1);
        recorded(false, 1, ZERO);
        running(1, ZERO, TWO);
        given.memory = given.memory
                .change()
                .synchrony(SynchronousMemory.NONE.changed(Optional.empty(), 0))
                .build();
        decide();
        given.finished =
                Optional.of(new ActionReport(1, new Action.Checkpoint(), Optional.empty(), "", Given.NOW - 150));
        assertThat(decide().memory().synchrony().settledAt()).isEmpty();

        for (String reply : List.of("first", "second")) {
            assertThat(given.memory.synchrony().settledAt()).as(reply).isEmpty();
            senders = senders.stream()
                    .map(one -> new DatabaseFacts.Sender(
                            one.pid(), one.applicationName(), one.state(), one.flushed(), one.slot(), reply))
                    .toList();
            decide();
        }
        assertThat(given.memory.synchrony().settledAt()).contains(Given.END);
    }

    @Test
    void aServerThatWasStartedWithItsSetHasNoOther() {
        wanted(SynchronousSettings.Mode.ON, false, 1);
        recorded(false, 1, ZERO);
        running(1, ZERO);
        startedWith(new SynchronousSet(1, List.of(ZERO)));

        assertThat(decide().memory().synchrony().settledAt()).contains(Given.END);
    }

    @Test
    void inQuorumModeAllStandbysAreVotersAndTheWantedNumberConfirms() {
        wanted(SynchronousSettings.Mode.QUORUM, false, 1);
        recorded(false, 1, ZERO);
        running(1, ZERO);
        settled(Given.END);
        assertThat(written(decide())).isEqualTo(new Voters(List.of(ZERO, TWO), 1));

        recorded(false, 1, ZERO, TWO);
        assertThat(configured(decide())).isEqualTo(new SynchronousSet(1, List.of(ZERO, TWO)));
    }

    @Test
    void aLostVoterIsTakenOutOfTheSetBeforeTheRecordAllowsItToBeMissed() {
        wanted(SynchronousSettings.Mode.QUORUM, false, 1);
        recorded(false, 1, ZERO, TWO);
        running(1, ZERO, TWO);
        settled(Given.END);
        senders = List.of(genuine(TWO, Given.END));
        assertThat(decide().action()).as("it may just restart").isInstanceOf(Action.Nothing.class);

        awayForLong();
        assertThat(configured(decide())).isEqualTo(new SynchronousSet(1, List.of(TWO)));
    }

    @Test
    void theLastVoterIsGivenUpInTheRecordFirst() {
        wanted(SynchronousSettings.Mode.ON, false, 1);
        recorded(false, 1, ZERO);
        running(1, ZERO);
        settled(Given.END);
        senders = List.of();
        awayForLong();

        assertThat(written(decide())).isEqualTo(Voters.NONE);

        recorded(false, 0);
        assertThat(configured(decide())).isEqualTo(SynchronousSet.NONE);
    }

    @Test
    void inStrictModeTheLastVoterStaysAndCommitsWait() {
        wanted(SynchronousSettings.Mode.ON, true, 1);
        recorded(true, 1, ZERO);
        running(1, ZERO);
        settled(Given.END);
        senders = List.of();
        awayForLong();

        assertThat(decide().action()).isInstanceOf(Action.Nothing.class);
    }

    private void says(int number, String reason) {
        given.changed(number, status -> status.put("reason", reason));
    }

    @Test
    void aVoterThatWaitsToBeMendedIsLetGoAlthoughItStreams() {
        wanted(SynchronousSettings.Mode.QUORUM, false, 1);
        recorded(false, 1, ZERO, TWO);
        running(1, ZERO, TWO);
        settled(Given.END);
        says(0, "REJOIN_WAIT_VOTERS upstream=demo-1");
        assertThat(configured(decide())).isEqualTo(new SynchronousSet(1, List.of(TWO)));

        running(1, TWO);
        settled(Given.END);
        assertThat(written(decide())).isEqualTo(new Voters(List.of(TWO), 1));

        recorded(false, 1, TWO);
        assertThat(decide().action()).as("nor is it made one again").isInstanceOf(Action.Nothing.class);
    }

    @Test
    void inStrictModeTheLastVoterThatWaitsToBeMendedIsLetGoAndCommitsStillWait() {
        wanted(SynchronousSettings.Mode.ON, true, 1);
        recorded(true, 1, ZERO);
        running(1, ZERO);
        settled(Given.END);
        senders = List.of();
        awayForLong();
        says(0, "REJOIN_WAIT_VOTERS");
        assertThat(written(decide())).isEqualTo(Voters.NONE);

        recorded(true, 0);
        assertThat(configured(decide())).isEqualTo(new SynchronousSet(1, List.of()));
    }

    @Test
    void aDoubledNameIsTakenOutBeforeAnythingElseIsDone() {
        wanted(SynchronousSettings.Mode.ON, false, 1);
        recorded(false, 1, ZERO);
        running(1, ZERO);
        settled(Given.END);
        given.memory = given.memory.change().labels(Map.of(), 0).build();
        senders = List.of(of(ZERO, ZERO.slotName(), 1), of(ZERO, "", 2));

        assertThat(configured(decide()).members()).isEmpty();
    }

    @Test
    void withoutTheApiNoPodIsLabelled() {
        wanted(SynchronousSettings.Mode.OFF, false, 1);
        given.memory = given.memory.change().labels(Map.of(), 0).build();
        assertThat(decide().action()).isInstanceOf(Action.LabelPods.class);

        given.readMillis = Given.NOW - 10_000;
        assertThat(decide().action()).isNotInstanceOf(Action.LabelPods.class);
    }

    @Test
    void inStrictModeNothingIsAcknowledgedBeforeThereIsAVoter() {
        assertThat(Synchrony.startSet(
                        ClusterRecord.first(given.record.epoch())
                                .change()
                                .mode(ClusterRecord.Mode.SYNC, true)
                                .build(),
                        Given.SELF))
                .isEqualTo(new SynchronousSet(1, List.of()));
    }

    @Test
    void aDoubledNameConfirmsNothing() {
        wanted(SynchronousSettings.Mode.ON, false, 1);
        recorded(false, 1, ZERO);
        running(1, ZERO);
        settled(Given.END);
        senders = List.of(of(ZERO, ZERO.slotName(), 1), of(ZERO, "", 2), genuine(TWO, Given.END));

        assertThat(configured(decide())).isEqualTo(new SynchronousSet(1, List.of()));
    }

    @Test
    void aNameOnAForeignSlotConfirmsNothing() {
        wanted(SynchronousSettings.Mode.ON, false, 1);
        recorded(false, 1, ZERO);
        running(1, ZERO);
        settled(Given.END);
        senders = List.of(of(ZERO, "backup", 1), genuine(TWO, Given.END));

        assertThat(configured(decide()).members()).doesNotContain(ZERO);
    }

    @Test
    void clientsWaitAfterARestartUntilTheVotersHaveAllThatTheyCouldRead() {
        wanted(SynchronousSettings.Mode.ON, false, 1);
        recorded(false, 1, ZERO);
        running(1, ZERO);
        startedWith(new SynchronousSet(1, List.of(ZERO)));
        senders = List.of(genuine(ZERO, BEFORE));
        assertThat(decide().token().phase()).isEqualTo(LeaseToken.Phase.CATCHUP);

        senders = List.of(genuine(ZERO, Given.END));
        assertThat(decide().token().phase()).isEqualTo(LeaseToken.Phase.OPEN);
    }

    @Test
    void aMemberTaggedNosyncIsNeverAVoter() {
        wanted(SynchronousSettings.Mode.QUORUM, false, 1);
        recorded(false, 1, TWO);
        running(1, TWO);
        settled(Given.END);
        given.tagged(0, Map.of("nosync", "true"));

        assertThat(decide().action()).isInstanceOf(Action.Nothing.class);
    }

    @Test
    void switchingOffGivesTheVotersUpBeforeCommitsStopWaiting() {
        wanted(SynchronousSettings.Mode.OFF, false, 1);
        recorded(false, 1, ZERO);
        running(1, ZERO);
        settled(Given.END);

        Decision first = decide();
        assertThat(written(first)).isEqualTo(Voters.NONE);
        assertThat(((Action.WriteRecord) first.action()).record().mode()).isEqualTo(ClusterRecord.Mode.ASYNC);

        given.record(next -> next.mode(ClusterRecord.Mode.ASYNC, false).promise(Voters.NONE));
        assertThat(configured(decide())).isEqualTo(SynchronousSet.NONE);
    }
}
