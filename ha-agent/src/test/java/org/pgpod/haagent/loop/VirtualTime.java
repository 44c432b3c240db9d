package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import org.pgpod.core.pod.BootClock;
import org.pgpod.haagent.model.port.Scheduler;

/** Time that moves only from one task to the next: equal programs run in equal order, whatever the machine does. */
final class VirtualTime implements BootClock {
    private static final long BEGIN_MILLIS = 100_000;

    private record Task(long atMillis, long order, Life life, Runnable work) {}

    /** Something that can be killed: its tasks are dropped from then on. */
    static final class Life {
        private boolean alive = true;

        void kill() {
            alive = false;
        }

        boolean isAlive() {
            return alive;
        }
    }

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::atMillis).thenComparingLong(Task::order));
    private long nowMillis = BEGIN_MILLIS;
    private long order;

    @Override
    public long nowMillis() {
        return nowMillis;
    }

    @Override
    public String bootId() {
        return "boot";
    }

    /** The lanes of one process: all run here, one task after the other. */
    Scheduler lanesOf(Life life) {
        return new Scheduler() {
            @Override
            public void every(Lane lane, Duration interval, Runnable task) {
                repeat(life, interval.toMillis(), task);
            }

            @Override
            public void submit(Lane lane, Runnable task) {
                at(nowMillis + 1, life, task);
            }
        };
    }

    void repeat(Life life, long intervalMillis, Runnable task) {
        at(nowMillis + 1, life, () -> {
            task.run();
            again(life, intervalMillis, task);
        });
    }

    private void again(Life life, long intervalMillis, Runnable task) {
        at(nowMillis + intervalMillis, life, () -> {
            task.run();
            again(life, intervalMillis, task);
        });
    }

    private void at(long atMillis, Life life, Runnable work) {
        tasks.add(new Task(atMillis, order++, life, work));
    }

    /** Runs until the condition holds; false if it does not within {@code limit}. */
    boolean runUntil(BooleanSupplier condition, Duration limit) {
        long end = nowMillis + limit.toMillis();
        while (!condition.getAsBoolean()) {
            Task next = tasks.poll();
            if (next == null || next.atMillis() > end) {
                if (next != null) {
                    tasks.add(next);
                }
                nowMillis = end;
                return condition.getAsBoolean();
            }
            nowMillis = next.atMillis();
            if (next.life().isAlive()) {
                next.work().run();
            }
        }
        return true;
    }

    void runFor(Duration duration) {
        runUntil(() -> false, duration);
    }
}
