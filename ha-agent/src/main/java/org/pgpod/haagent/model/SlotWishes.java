package org.pgpod.haagent.model;

import java.util.List;

/**
 * What the dynamic configuration says of replication slots.
 *
 * @param permanent slots to have, no name twice
 * @param ignored slots to leave alone, whatever they are
 */
public record SlotWishes(List<PermanentSlot> permanent, List<SlotMatcher> ignored) {
    /** Nothing is said. */
    public static final SlotWishes NONE = new SlotWishes(List.of(), List.of());

    public SlotWishes {
        permanent = List.copyOf(permanent);
        ignored = List.copyOf(ignored);
    }

    /** Whether {@code slot} must not be touched. */
    public boolean ignores(SlotState slot) {
        return ignored.stream().anyMatch(matcher -> matcher.matches(slot));
    }

    public boolean hasLogical() {
        return permanent.stream().anyMatch(PermanentSlot.Logical.class::isInstance);
    }
}
