package org.pgpod.haagent.decide;

import java.util.List;
import org.pgpod.haagent.model.SlotStep;

/**
 * What is to become of the slots of this server.
 *
 * @param steps in the order in which they are to be done; one that fails holds up no other
 * @param problems what somebody must look at, as sentences
 * @param memory for the next look
 */
public record SlotPlan(List<SlotStep> steps, List<String> problems, SlotMemory memory) {
    public SlotPlan {
        steps = List.copyOf(steps);
        problems = List.copyOf(problems);
    }

    static SlotPlan nothing(SlotMemory memory) {
        return new SlotPlan(List.of(), List.of(), memory);
    }
}
