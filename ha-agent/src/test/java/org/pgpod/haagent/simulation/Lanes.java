package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import org.pgpod.haagent.model.port.Scheduler;

/** The lanes of one process: a lane runs one task at a time, in order, and a lane that waits delays no other. */
final class Lanes implements Scheduler {
    /** How late a thread may begin when the machine is busy. */
    private static final int LATE_MILLIS_MAX = 3;

    private final VirtualTime time;
    private final Node node;
    private final Life life;
    private final Chance chance;
    private final Map<Lane, Strand> strands = new EnumMap<>(Lane.class);

    Lanes(VirtualTime time, Node node, Life life, Chance chance) {
        this.time = time;
        this.node = node;
        this.life = life;
        this.chance = chance;
        for (Lane lane : Lane.values()) {
            strands.put(lane, new Strand());
        }
    }

    private Strand of(Lane lane) {
        Strand strand = strands.get(lane);
        if (strand == null) {
            throw new IllegalStateException("no lane " + lane);
        }
        return strand;
    }

    @Override
    public void every(Lane lane, Duration interval, Runnable task) {
        of(lane).add(new Work(task, node.lasting(interval.toMillis())));
    }

    @Override
    public void submit(Lane lane, Runnable task) {
        of(lane).add(new Work(task, 0));
    }

    /** @param againMillis how long after its end it runs again; 0 for work that is done once */
    private record Work(Runnable task, long againMillis) {}

    private final class Strand {
        private final Deque<Work> waiting = new ArrayDeque<>();
        private boolean busy;

        void add(Work work) {
            waiting.add(work);
            if (!busy) {
                busy = true;
                time.after(chance.upTo(LATE_MILLIS_MAX), life, this::next);
            }
        }

        private void next() {
            Work work = waiting.poll();
            if (work == null) {
                busy = false;
                return;
            }
            time.begin(life, work.task(), () -> {
                if (work.againMillis() > 0) {
                    time.after(work.againMillis(), life, () -> add(work));
                }
                if (waiting.isEmpty()) {
                    busy = false;
                } else {
                    time.after(chance.upTo(LATE_MILLIS_MAX), life, this::next);
                }
            });
        }
    }
}
