package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PermanentSlot;
import org.pgpod.haagent.model.ServerReport;
import org.pgpod.haagent.model.SlotMatcher;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotState;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.SlotWishes;

class SlotPlannerTest {
    private static final Lsn REDO = Lsn.parse("0/4000000");
    private static final Lsn OLD = Lsn.parse("0/3500000");
    private static final String ZERO = "demo_0_000000b0";
    private static final String TWO = "demo_2_000000b2";
    private static final long LONG_AGO = Given.NOW - Duration.ofMinutes(31).toMillis();

    private final List<SlotState> slots = new ArrayList<>();
    private SlotWishes wishes = SlotWishes.NONE;
    private SlotMemory memory = SlotMemory.NONE;
    private int version = 150_020;
    private String walLevel = "logical";

    private static SlotState physical(String name, Lsn restart) {
        return new SlotState(
                name,
                SlotState.Kind.PHYSICAL,
                "",
                "",
                false,
                false,
                Optional.of(restart),
                Optional.empty(),
                0,
                false,
                false);
    }

    private static SlotState active(SlotState slot) {
        return changed(slot, true, slot.lost());
    }

    private static SlotState lost(SlotState slot) {
        return changed(slot, slot.active(), Optional.of("wal_removed"));
    }

    private static SlotState changed(SlotState slot, boolean active, Optional<String> lost) {
        return new SlotState(
                slot.name(),
                slot.kind(),
                slot.database(),
                slot.plugin(),
                slot.temporary(),
                active,
                slot.restart(),
                lost,
                slot.retainedBytes(),
                slot.failover(),
                slot.synced());
    }

    private static SlotState logical(String name, boolean failover, boolean synced) {
        return new SlotState(
                name,
                SlotState.Kind.LOGICAL,
                "app",
                "pgoutput",
                false,
                false,
                Optional.of(OLD),
                Optional.empty(),
                0,
                failover,
                synced);
    }

    private SlotPlan plan(Given given) {
        boolean standby = given.database.inRecovery();
        return SlotPlanner.plan(
                given.observation(),
                wishes,
                new SlotSighting(standby, Given.END, REDO, version, walLevel, slots),
                memory);
    }

    private List<SlotStep> steps(Given given) {
        return plan(given).steps();
    }

    private static Given primary() {
        return new Given().mine();
    }

    private static MemberSighting seenAt(MemberSighting member, long millis) {
        return new MemberSighting(member.status(), member.resourceVersion(), millis);
    }

    private static void publish(Given given, Map<String, Lsn> positions) {
        MemberStatus holder = given.members.getFirst().status();
        given.members.set(
                0,
                new MemberSighting(
                        holder.reporting(ServerReport.NONE.withSlots(new TreeMap<>(positions))),
                        "1",
                        Given.NOW - 1_000));
    }

    @Test
    void aPrimaryHasASlotForEveryOtherMember() {
        slots.add(active(physical(ZERO, OLD)));
        assertThat(steps(primary())).containsExactly(new SlotStep.CreatePhysical(TWO));
    }

    @Test
    void theSlotOfAMemberThatIsGoneForLongIsDroppedEverywhere() {
        slots.add(physical(ZERO, REDO));
        slots.add(physical(TWO, Given.END));
        for (Given given : List.of(primary(), new Given())) {
            assertThat(steps(given)).isEmpty();
            given.members.set(2, seenAt(given.members.get(2), LONG_AGO));
            assertThat(steps(given)).containsExactly(new SlotStep.Drop(TWO, "its member is gone"));
        }
        slots.set(1, active(slots.get(1)));
        Given given = primary();
        given.members.set(2, seenAt(given.members.get(2), LONG_AGO));
        assertThat(steps(given)).isEmpty();
    }

    @Test
    void theSlotOfAFormerCopyStaysUntilTheNewOneStreams() {
        slots.add(active(physical(ZERO, OLD)));
        slots.add(physical("demo_2_0000ffff", OLD));
        slots.add(physical(TWO, REDO));
        assertThat(steps(primary())).isEmpty();
        slots.set(2, active(slots.get(2)));
        assertThat(steps(primary()))
                .containsExactly(new SlotStep.Drop("demo_2_0000ffff", "its member has a newer one"));
    }

    @Test
    void aMembersSlotThatLostItsWalIsMadeAnew() {
        slots.add(active(physical(ZERO, OLD)));
        slots.add(lost(physical(TWO, OLD)));
        assertThat(steps(primary()))
                .containsExactly(new SlotStep.Drop(TWO, "its WAL is gone"), new SlotStep.CreatePhysical(TWO));
    }

    @Test
    void slotsThatNoMemberExplainsAreLeftAlone() {
        slots.add(active(physical(ZERO, REDO)));
        slots.add(active(physical(TWO, REDO)));
        slots.add(physical("backup_20240101", OLD));
        slots.add(lost(physical("demo_backup_20240101", OLD)));
        slots.add(logical("subscription", false, false));
        for (Given given : List.of(primary(), new Given())) {
            SlotPlan plan = plan(given);
            assertThat(plan.steps()).isEmpty();
            assertThat(plan.problems()).isEmpty();
        }
    }

    @Test
    void aSlotOfAPodThatNobodyKnowsIsDroppedInTime() {
        slots.add(active(physical(ZERO, OLD)));
        slots.add(active(physical(TWO, OLD)));
        slots.add(physical("demo_7_0000ffff", OLD));
        SlotPlan first = plan(primary());
        assertThat(first.steps()).isEmpty();
        assertThat(first.memory().idleSince()).containsEntry("demo_7_0000ffff", Given.NOW);
        memory = new SlotMemory(Map.of("demo_7_0000ffff", LONG_AGO), Set.of(), Set.of());
        assertThat(steps(primary())).containsExactly(new SlotStep.Drop("demo_7_0000ffff", "nobody knows its member"));
    }

    @Test
    void theSlotOfARemovedMemberGoesSoonAndNotAtOnce() {
        for (Given given : List.of(primary(), new Given())) {
            memory = SlotMemory.NONE;
            slots.clear();
            slots.add(active(physical(ZERO, Given.END)));
            slots.add(physical(TWO, Given.END));
            memory = plan(given).memory();
            assertThat(memory.members()).contains(TWO);
            given.members.remove(2);
            SlotPlan missing = plan(given);
            assertThat(missing.steps()).isEmpty();
            assertThat(missing.memory().members()).as("until it is dropped").contains(TWO);
            memory = new SlotMemory(
                    Map.of(TWO, Given.NOW - 29_999), Set.of(), missing.memory().members());
            assertThat(steps(given)).isEmpty();
            memory = new SlotMemory(
                    Map.of(TWO, Given.NOW - 30_000), Set.of(), missing.memory().members());
            assertThat(steps(given)).containsExactly(new SlotStep.Drop(TWO, "its member was removed"));
            memory = new SlotMemory(Map.of(TWO, Given.NOW - 30_000), Set.of(), Set.of());
            assertThat(steps(given))
                    .as("an agent that never knew it waits for longer")
                    .isEmpty();
        }
    }

    /** A rewind may take longer than a removed member's slot stays. */
    @Test
    void theSlotOfAFormerCopyIsNotThatOfARemovedMember() {
        slots.add(active(physical(ZERO, OLD)));
        slots.add(physical("demo_2_0000ffff", OLD));
        slots.add(physical(TWO, REDO));
        memory = new SlotMemory(Map.of("demo_2_0000ffff", Given.NOW - 60_000), Set.of(), Set.of("demo_2_0000ffff"));
        assertThat(steps(primary())).isEmpty();
    }

    @Test
    void whatTheOperatorIgnoresIsNotTouched() {
        slots.add(active(physical(ZERO, OLD)));
        slots.add(lost(physical("demo_7_0000ffff", OLD)));
        wishes = new SlotWishes(
                List.of(),
                List.of(new SlotMatcher(
                        Optional.of("demo_7_0000ffff"), Optional.empty(), Optional.empty(), Optional.empty())));
        assertThat(steps(primary())).containsExactly(new SlotStep.CreatePhysical(TWO));
    }

    @Test
    void aStandbyKeepsWhatTheOthersLackAndLetsGoOfTheRest() {
        slots.add(physical(ZERO, OLD));
        slots.add(physical(TWO, OLD));
        // The present primary would go back to a checkpoint; the other standby goes on from where it is.
        assertThat(steps(new Given()))
                .containsExactly(new SlotStep.Advance(ZERO, REDO), new SlotStep.Advance(TWO, Given.END));
        slots.set(0, active(slots.get(0)));
        slots.set(1, physical(TWO, Given.END));
        assertThat(steps(new Given())).isEmpty();
    }

    @Test
    void aSlotBeyondTheWalOfAStandbyIsMadeAnew() {
        slots.add(physical(ZERO, REDO));
        slots.add(physical(TWO, Lsn.parse("0/6000000")));
        assertThat(steps(new Given())).extracting(SlotStep::name).containsExactly(TWO, TWO);
        assertThat(steps(new Given())).last().isEqualTo(new SlotStep.CreatePhysical(TWO));
    }

    @Test
    void aPermanentPhysicalSlotIsOnEveryMemberAndMovesWithThePrimarys() {
        slots.add(physical(ZERO, REDO));
        slots.add(physical(TWO, Given.END));
        wishes = new SlotWishes(List.of(new PermanentSlot.Physical("archive")), List.of());
        assertThat(steps(primary())).containsExactly(new SlotStep.CreatePhysical("archive"));
        assertThat(steps(new Given())).containsExactly(new SlotStep.CreatePhysical("archive"));
        slots.add(physical("archive", OLD));
        assertThat(steps(primary())).isEmpty();
        Given standby = new Given();
        assertThat(steps(standby)).isEmpty();
        publish(standby, Map.of("archive", REDO));
        assertThat(steps(standby)).containsExactly(new SlotStep.Advance("archive", REDO));
        publish(standby, Map.of("archive", Lsn.parse("0/9000000")));
        assertThat(steps(standby)).containsExactly(new SlotStep.Advance("archive", Given.END));
    }

    @Test
    void theCopyOfASlotThatIsPermanentNoMoreIsDroppedFromStandbysOnly() {
        slots.add(physical(ZERO, REDO));
        slots.add(physical(TWO, Given.END));
        slots.add(physical("archive", OLD));
        wishes = new SlotWishes(List.of(new PermanentSlot.Physical("archive")), List.of());
        memory = plan(new Given()).memory();
        wishes = SlotWishes.NONE;
        assertThat(steps(new Given())).extracting(SlotStep::name).containsExactly("archive");
        assertThat(steps(primary())).isEmpty();
    }

    @Test
    void aLogicalSlotIsMadeOnThePrimaryOnlyAndForFailoverWhereThatExists() {
        slots.add(physical(ZERO, REDO));
        slots.add(physical(TWO, Given.END));
        wishes = new SlotWishes(List.of(new PermanentSlot.Logical("feed", "app", "pgoutput")), List.of());
        assertThat(steps(new Given())).isEmpty();
        assertThat(steps(primary())).containsExactly(new SlotStep.CreateLogical("feed", "app", "pgoutput", false));
        version = 170_011;
        assertThat(steps(primary())).containsExactly(new SlotStep.CreateLogical("feed", "app", "pgoutput", true));
        walLevel = "replica";
        assertThat(steps(primary())).isEmpty();
        assertThat(plan(primary()).problems()).singleElement().asString().contains("wal_level=logical");
    }

    @Test
    void whatAConsumerOrAPersonMustDoIsSaid() {
        slots.add(physical(ZERO, REDO));
        slots.add(physical(TWO, Given.END));
        wishes = new SlotWishes(List.of(new PermanentSlot.Logical("feed", "app", "pgoutput")), List.of());
        slots.add(logical("feed", false, false));
        assertThat(plan(primary()).problems()).singleElement().asString().contains("from version 17 on");
        version = 180_006;
        assertThat(plan(primary()).problems()).singleElement().asString().contains("made without failover");
        slots.set(2, logical("feed", true, false));
        assertThat(plan(primary()).problems()).isEmpty();
        slots.set(2, lost(logical("feed", true, false)));
        assertThat(plan(primary()).problems()).singleElement().asString().contains("feed is lost (wal_removed)");
        assertThat(steps(primary())).isEmpty();
        slots.set(2, physical("feed", OLD));
        assertThat(plan(primary()).problems()).singleElement().asString().contains("is another one");
    }

    @Test
    void aStandbyDropsTheLogicalSlotsOfItsTimeAsThePrimaryAndNoCopies() {
        slots.add(physical(ZERO, REDO));
        slots.add(physical(TWO, Given.END));
        wishes = new SlotWishes(List.of(new PermanentSlot.Logical("feed", "app", "pgoutput")), List.of());
        slots.add(logical("feed", true, true));
        assertThat(steps(new Given())).isEmpty();
        slots.set(2, logical("feed", false, false));
        assertThat(steps(new Given())).extracting(SlotStep::name).containsExactly("feed");
        slots.set(2, logical("subscription", true, false));
        assertThat(steps(new Given())).extracting(SlotStep::name).containsExactly("subscription");
    }

    @Test
    void nothingIsDoneWithoutTheRightToOrBeforeAStandbyStreams() {
        Given detached = new Given();
        detached.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.CONNECTING, false);
        assertThat(steps(detached)).isEmpty();
        Given lapsed = primary();
        lapsed.term = Optional.empty();
        assertThat(steps(lapsed)).isEmpty();
        Given blind = new Given();
        blind.membersSeen = false;
        assertThat(steps(blind)).isEmpty();
    }

    @Test
    void aPauseSuspendsEverythingButPositions() {
        Given paused = new Given().record(record -> record.pause(true));
        slots.add(physical(ZERO, OLD));
        slots.add(lost(physical(TWO, OLD)));
        assertThat(steps(paused)).containsExactly(new SlotStep.Advance(ZERO, REDO));
    }

    @Test
    void onThePrimaryTheSlotOfAMemberThatStreamsElsewhereGoesWithWhatItReports() {
        Given given = primary().tagged(2, Map.of("replicatefrom", "demo-0"));
        slots.add(active(physical(ZERO, Given.END)));
        slots.add(physical(TWO, OLD));
        assertThat(steps(given)).containsExactly(new SlotStep.Advance(TWO, Given.END));

        slots.set(1, active(physical(TWO, OLD)));
        assertThat(steps(given)).isEmpty();

        slots.set(1, physical(TWO, OLD));
        assertThat(steps(primary())).isEmpty();
    }
}
