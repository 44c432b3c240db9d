package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Time that moves only from one event to the next: equal programs run in equal order, whatever the machine does. */
final class VirtualTime {
    private static final long BEGIN_MILLIS = 1_000_000;

    private record Event(long atMillis, long order, Life life, Runnable work) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atMillis, other.atMillis);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /** Work under way that may pause. */
    private static final class Task {
        private final Coroutine coroutine;
        private final Life life;
        private final Runnable then;

        /** Raised with every pause, so that only one of several reasons to go on counts. */
        private long pauses;

        private Task(Life life, Runnable work, Runnable then) {
            this.coroutine = new Coroutine(work);
            this.life = life;
            this.then = then;
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowMillis = BEGIN_MILLIS;
    private long order;
    private @Nullable Task running;

    long nowMillis() {
        return nowMillis;
    }

    void after(long delayMillis, Life life, Runnable work) {
        events.add(new Event(nowMillis + delayMillis, order++, life, work));
    }

    /** Runs {@code work} again and again. */
    void every(long intervalMillis, Life life, Runnable work) {
        after(intervalMillis, life, () -> {
            work.run();
            every(intervalMillis, life, work);
        });
    }

    /** Begins work that may call {@link #sleep}; {@code then} runs once it has ended. */
    void begin(Life life, Runnable work, Runnable then) {
        resume(new Task(life, work, then));
    }

    private void resume(Task task) {
        Task before = running;
        running = task;
        try {
            task.coroutine.run();
        } finally {
            running = before;
        }
        if (task.coroutine.isDone()) {
            task.then.run();
        }
    }

    /** Lets the present work, and nothing else, stand still. */
    void sleep(long millis) {
        Task task = running;
        if (task == null || millis <= 0) {
            return;
        }
        long pause = ++task.pauses;
        after(millis, task.life, () -> {
            if (task.pauses == pause) {
                task.pauses++;
                resume(task);
            }
        });
        Coroutine.pause();
    }

    /** An answer that the present work can wait for. */
    final class Reply<T> {
        private Optional<T> value = Optional.empty();
        private @Nullable Task waiting;
        private long pause;

        void give(T answer) {
            if (value.isPresent()) {
                return;
            }
            value = Optional.of(answer);
            Task task = waiting;
            if (task != null) {
                after(0, task.life, () -> {
                    if (task.pauses == pause) {
                        task.pauses++;
                        resume(task);
                    }
                });
            }
        }

        boolean isGiven() {
            return value.isPresent();
        }

        /** Empty when nothing came within the limit. */
        Optional<T> await(long limitMillis) {
            Task task = running;
            if (value.isEmpty() && task != null && limitMillis > 0) {
                waiting = task;
                pause = task.pauses + 1;
                sleep(limitMillis);
                waiting = null;
            }
            return value;
        }
    }

    /** Runs until the condition holds; false if it does not within {@code limit}. */
    boolean runUntil(BooleanSupplier condition, Duration limit) {
        long end = nowMillis + limit.toMillis();
        while (!condition.getAsBoolean()) {
            Event next = events.poll();
            if (next == null || next.atMillis() > end) {
                if (next != null) {
                    events.add(next);
                }
                nowMillis = end;
                return condition.getAsBoolean();
            }
            if (!next.life().isAlive()) {
                continue;
            }
            long resumes = next.life().resumesMillis();
            if (resumes > next.atMillis()) {
                events.add(new Event(resumes, next.order(), next.life(), next.work()));
                continue;
            }
            nowMillis = next.atMillis();
            next.work().run();
        }
        return true;
    }

    void runFor(Duration duration) {
        runUntil(() -> false, duration);
    }
}
