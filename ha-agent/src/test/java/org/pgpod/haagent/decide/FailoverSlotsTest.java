package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PermanentSlot;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SlotWishes;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.Upstream;

class FailoverSlotsTest {
    private static final MemberName ZERO = new MemberName("demo-0", new DataId("000000b0"));
    private static final MemberName TWO = new MemberName("demo-2", new DataId("000000b2"));
    private static final SlotWishes LOGICAL =
            new SlotWishes(List.of(new PermanentSlot.Logical("feed", "app", "pgoutput")), List.of());
    private static final Optional<String> HOLDER = Optional.of("demo-0");
    private static final PostgresSettings PRIMARY = new PostgresSettings.Primary(Given.SELF, SynchronousSet.NONE);

    private static Map<String, String> primary(Set<MemberName> voters, List<DatabaseFacts.Sender> senders) {
        return FailoverSlots.parameters(PRIMARY, SlotWishes.NONE, HOLDER, voters, senders);
    }

    private static DatabaseFacts.Sender sender(MemberName name, String state) {
        return new DatabaseFacts.Sender(1, name.applicationName(), state, Given.END, Optional.of(name.slotName()), "t");
    }

    @Test
    void consumersWaitForTheVotersThatStreamAndForNobodyElse() {
        assertThat(primary(Set.of(ZERO, TWO), List.of(sender(ZERO, "streaming"), sender(TWO, "streaming"))))
                .containsExactly(Map.entry("synchronized_standby_slots", "demo_0_000000b0,demo_2_000000b2"));
        assertThat(primary(Set.of(ZERO, TWO), List.of(sender(ZERO, "streaming"), sender(TWO, "catchup"))))
                .containsEntry("synchronized_standby_slots", "demo_0_000000b0");
        assertThat(primary(Set.of(ZERO), List.of(sender(TWO, "streaming"))))
                .containsEntry("synchronized_standby_slots", "");
        assertThat(primary(Set.of(), List.of(sender(ZERO, "streaming"))))
                .containsEntry("synchronized_standby_slots", "");
    }

    @Test
    void standbysCopySlotsOnlyIfThereAreLogicalOnes() {
        PostgresSettings standby = new PostgresSettings.Standby(Given.SELF, Given.PRIMARY);
        assertThat(FailoverSlots.parameters(standby, LOGICAL, HOLDER, Set.of(), List.of()))
                .containsOnlyKeys("sync_replication_slots", "hot_standby_feedback")
                .containsValue("on");
        assertThat(FailoverSlots.parameters(standby, SlotWishes.NONE, HOLDER, Set.of(), List.of()))
                .isEmpty();
        assertThat(FailoverSlots.parameters(
                        new PostgresSettings.Detached(Given.SELF), LOGICAL, HOLDER, Set.of(), List.of()))
                .isEmpty();
    }

    @Test
    void aStandbyOfAnotherStandbyCopiesNoSlots() {
        PostgresSettings cascaded = new PostgresSettings.Standby(Given.SELF, new Upstream("demo-2", "10.0.0.3", 5432));
        assertThat(FailoverSlots.parameters(cascaded, LOGICAL, HOLDER, Set.of(), List.of()))
                .containsEntry("sync_replication_slots", "off")
                .containsEntry("hot_standby_feedback", "on");
    }
}
