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
    private final Work work;
    private final Executor threads;
    private final LongSupplier clockMillis;

    // Guarded by this object.
    private Run last = new Run(0, CompletableFuture.completedFuture(null), CompletableFuture.completedFuture(null));

    SharedRun(String name, Work work, Executor threads, LongSupplier clockMillis) {
        this.name = name;
        this.work = work;
        this.threads = threads;
        this.clockMillis = clockMillis;
    }

    /** What a run does; it may say when it has done all that others should wait for. */
    @FunctionalInterface
    interface Work {
        void run(Runnable enough);
    }

    /**
     * One run.
     *
     * @param enough completed when nobody need wait any longer, at the latest when it has ended
     * @param done completed when it has ended, however it ended
     */
    record Run(long startedAtMillis, CompletableFuture<Void> enough, CompletableFuture<Void> done) {}

    /** The run under way, or a new one. */
    synchronized Run join() {
        if (last.done.isDone()) {
            Run next = new Run(clockMillis.getAsLong(), new CompletableFuture<>(), new CompletableFuture<>());
            last = next;
            try {
                threads.execute(() -> carryOut(next));
            } catch (RejectedExecutionException stopping) {
                end(next);
            }
        }
        return last;
    }

    /** The run under way, if there is one. */
    synchronized Optional<Run> underWay() {
        return last.done.isDone() ? Optional.empty() : Optional.of(last);
    }

    private static void end(Run run) {
        run.done.complete(null);
        run.enough.complete(null);
    }

    private void carryOut(Run run) {
        try {
            work.run(() -> run.enough.complete(null));
        } catch (RuntimeException surprise) {
            LOG.error("run failed run={}", name, surprise);
        } finally {
            end(run);
        }
    }
}
