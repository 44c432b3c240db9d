package org.pgpod.haagent.model;

import java.util.List;

/**
 * What people are told of this server's replication slots.
 *
 * @param slots as last read
 * @param problems what somebody must look at, as sentences
 */
public record SlotReport(List<SlotState> slots, List<String> problems) {
    /** Nothing is known. */
    public static final SlotReport NONE = new SlotReport(List.of(), List.of());

    public SlotReport {
        slots = List.copyOf(slots);
        problems = List.copyOf(problems);
    }
}
