package org.pgpod.haagent.simulation;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Counts what agents do to the world, and has one of them die right before or after the n-th of these effects. */
final class Deaths {
    /** Which moment of an effect. */
    enum Moment {
        BEFORE,
        AFTER
    }

    /** Where to strike, and how. */
    record Plan(int effect, Moment moment, Consumer<Pod> blow) {}

    private final Map<String, String> toolsThatBreak = new HashMap<>();
    private Optional<Plan> plan = Optional.empty();
    private boolean counting;
    private int count;

    /** From now on effects count; the first is number 1. */
    void count(Optional<Plan> wanted) {
        plan = wanted;
        counting = true;
        count = 0;
    }

    int stop() {
        counting = false;
        return count;
    }

    /** Whether the agent died before it came to this effect. */
    boolean before(Pod pod, String effect) {
        if (!counting) {
            return false;
        }
        count++;
        return struck(pod, effect, Moment.BEFORE);
    }

    void after(Pod pod, String effect) {
        if (counting) {
            struck(pod, effect, Moment.AFTER);
        }
    }

    /** The next run of this tool in this pod is cut short. */
    void breakTool(String pod, String tool) {
        toolsThatBreak.put(pod, tool);
    }

    /** Called in the middle of a tool's work. */
    void midway(Pod pod, String tool) {
        if (toolsThatBreak.remove(pod.name, tool)) {
            pod.cluster.story.tell(pod.title(), () -> tool + " is cut short");
            pod.killSupervisor();
        }
    }

    private boolean struck(Pod pod, String effect, Moment moment) {
        boolean now = plan.filter(wanted -> wanted.effect() == count && wanted.moment() == moment)
                .isPresent();
        if (now) {
            Plan due = plan.orElseThrow();
            plan = Optional.empty();
            pod.cluster.story.tell(pod.title(), () -> "dies " + moment + " effect " + count + ", " + effect);
            due.blow().accept(pod);
        }
        return now;
    }
}
