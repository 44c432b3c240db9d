package org.pgpod.haagent;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.pgpod.haagent.model.port.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each lane a platform thread of its own, named after it. A task that fails with an exception is logged and does not
 * end its lane; after {@link #close} nothing runs any more.
 */
final class LaneThreads implements Scheduler, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaneThreads.class);
    private static final long CLOSE_LIMIT_SECONDS = 10;

    private final Map<Lane, ScheduledExecutorService> lanes = new EnumMap<>(Lane.class);

    LaneThreads() {
        for (Lane lane : Lane.values()) {
            String name = "ha-" + lane.name().toLowerCase(Locale.ROOT);
            lanes.put(
                    lane,
                    Executors.newSingleThreadScheduledExecutor(
                            task -> Thread.ofPlatform().name(name).daemon().unstarted(task)));
        }
    }

    private ScheduledExecutorService of(Lane lane) {
        ScheduledExecutorService executor = lanes.get(lane);
        if (executor == null) {
            throw new IllegalStateException("every lane has a thread, but " + lane);
        }
        return executor;
    }

    @Override
    public void every(Lane lane, Duration interval, Runnable task) {
        Runnable guarded = guarded(lane, task);
        var _ = of(lane).scheduleWithFixedDelay(guarded, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void submit(Lane lane, Runnable task) {
        try {
            of(lane).execute(guarded(lane, task));
        } catch (RejectedExecutionException closed) {
            LOG.debug("task after the end lane={}", lane);
        }
    }

    private static Runnable guarded(Lane lane, Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException surprise) {
                LOG.error("lane failed, it goes on lane={}", lane, surprise);
            }
        };
    }

    @Override
    public void close() {
        lanes.values().forEach(ScheduledExecutorService::shutdownNow);
        for (Map.Entry<Lane, ScheduledExecutorService> lane : lanes.entrySet()) {
            try {
                if (!lane.getValue().awaitTermination(CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    LOG.warn("lane did not end lane={}", lane.getKey());
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
