package org.pgpod.haagent.decide;

import java.util.Map;
import java.util.Set;

/**
 * What one look at the slots leaves for the next.
 *
 * @param idleSince since when a slot of a member that nobody knows is unused, by name
 * @param permanent names of physical permanent slots that this agent kept
 */
public record SlotMemory(Map<String, Long> idleSince, Set<String> permanent) {
    public static final SlotMemory NONE = new SlotMemory(Map.of(), Set.of());

    public SlotMemory {
        idleSince = Map.copyOf(idleSince);
        permanent = Set.copyOf(permanent);
    }
}
