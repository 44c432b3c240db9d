package org.pgpod.haagent.testing;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotState;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.port.Effect;

/** The slots of a server in memory, which has physical ones only, by name. */
public final class FakeSlots {
    private static final Lsn FIRST = new Lsn(1);
    private static final int VERSION = 150_020;

    private FakeSlots() {}

    /** What is seen of the slots that {@code facts} name. */
    public static SlotSighting seen(DatabaseFacts facts) {
        List<SlotState> slots = facts.slots().stream()
                .sorted()
                .map(name -> new SlotState(
                        name,
                        SlotState.Kind.PHYSICAL,
                        "",
                        "",
                        false,
                        facts.senders().stream()
                                .anyMatch(sender -> sender.slot().equals(Optional.of(name))),
                        Optional.of(FIRST),
                        Optional.empty(),
                        0,
                        false,
                        false))
                .toList();
        return new SlotSighting(facts.inRecovery(), Lsn.max(FIRST, facts.position()), FIRST, VERSION, "replica", slots);
    }

    /** Carries out {@code step} on the names of a server's slots. */
    public static Effect change(Set<String> slots, SlotStep step) {
        boolean changed = switch (step) {
            case SlotStep.CreatePhysical(String name) -> slots.add(name);
            case SlotStep.CreateLogical(String name, String ignored, String plugin, boolean failover) ->
                slots.add(name);
            case SlotStep.Drop(String name, String ignored) -> slots.remove(name);
            case SlotStep.Advance ignored -> true;
        };
        return changed ? new Effect.Changed() : new Effect.Unchanged();
    }
}
