package org.pgpod.haagent.decide;

import java.util.Map;
import java.util.Set;

/**
 * What one look at the slots leaves for the next.
 *
 * @param idleSince since when a slot of a member that nobody knows is unused, by name
 * @param permanent names of physical permanent slots that this agent kept
 * @param members names that the slots of known members have
 */
public record SlotMemory(Map<String, Long> idleSince, Set<String> permanent, Set<String> members) {
    public static final SlotMemory NONE = new SlotMemory(Map.of(), Set.of(), Set.of());

    public SlotMemory {
        idleSince = Map.copyOf(idleSince);
        permanent = Set.copyOf(permanent);
        members = Set.copyOf(members);
    }
}
