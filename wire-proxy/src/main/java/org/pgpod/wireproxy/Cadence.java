package org.pgpod.wireproxy;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one task again and again on a thread of its own, whatever one run of it throws. */
final class Cadence implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cadence.class);

    private static final long STOP_SECONDS_MAX = 5;

    private final String name;
    private final Runnable task;
    private final ScheduledThreadPoolExecutor thread;
    private final Future<?> runs;

    /** Starts at once; {@code pause} lies between the end of a run and the beginning of the next. */
    Cadence(String name, Duration pause, Runnable task) {
        this.name = name;
        this.task = task;
        this.thread = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name(name).daemon(true).factory());
        this.runs = thread.scheduleWithFixedDelay(this::run, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run() {
        try {
            task.run();
        } catch (RuntimeException surprise) {
            LOG.error("task failed name={}", name, surprise);
        }
    }

    /** Runs the task once more, on the thread on which it always runs, and returns when that is done or nothing runs any more. */
    void runNow() {
        try {
            thread.submit(this::run).get();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RejectedExecutionException ended) {
            LOG.debug("task ended name={}", name, ended);
        }
    }

    /** Returns when no run is under way any more, or after {@link #STOP_SECONDS_MAX}. */
    @Override
    public void close() {
        runs.cancel(false);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("task does not end name={}", name);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
