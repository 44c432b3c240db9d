package org.pgpod.exporter.loop;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work of which at most one run is under way: who asks while it runs shares that run. */
final class SharedRun {
    private static final Logger LOG = LoggerFactory.getLogger(SharedRun.class);

    private final String name;
    private final Runnable work;
    private final Executor threads;
    private final LongSupplier clockMillis;

    // Guarded by this object.
    private Run last = new Run(0, CompletableFuture.completedFuture(null));

    SharedRun(String name, Runnable work, Executor threads, LongSupplier clockMillis) {
        this.name = name;
        this.work = work;
        this.threads = threads;
        this.clockMillis = clockMillis;
    }

    /**
     * One run.
     *
     * @param done completed when it has ended, however it ended
     */
    record Run(long startedAtMillis, CompletableFuture<Void> done) {}

    /** The run under way, or a new one. */
    synchronized Run join() {
        if (last.done.isDone()) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            last = new Run(clockMillis.getAsLong(), done);
            try {
                threads.execute(() -> run(done));
            } catch (RejectedExecutionException stopping) {
                done.complete(null);
            }
        }
        return last;
    }

    /** The run under way, if there is one. */
    synchronized Optional<Run> underWay() {
        return last.done.isDone() ? Optional.empty() : Optional.of(last);
    }

    private void run(CompletableFuture<Void> done) {
        try {
            work.run();
        } catch (RuntimeException surprise) {
            LOG.error("run failed run={}", name, surprise);
        } finally {
            done.complete(null);
        }
    }
}
