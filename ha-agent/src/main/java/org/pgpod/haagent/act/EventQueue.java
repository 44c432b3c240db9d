package org.pgpod.haagent.act;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.client.TokenBucket;
import org.pgpod.haagent.model.Holder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records Kubernetes Events of this pod without making anybody wait: at most {@value #WAITING_MAX} wait for the API, and
 * {@value #BURST} at once and one in {@value #REFILL_SECONDS} seconds are sent; more are dropped, and one that the API
 * refuses is not tried again. What was told within {@value #SERIES_MINUTES} minutes is counted in the Event that is there.
 */
final class EventQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventQueue.class);
    private static final int WAITING_MAX = 32;
    private static final int REMEMBERED_MAX = 64;
    private static final int BURST = 25;
    private static final int REFILL_SECONDS = 15;

    /** Less than the hour for which an API server keeps an Event unless it is told otherwise. */
    private static final int SERIES_MINUTES = 30;

    private static final int NOT_FOUND = 404;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** What the API holds of an Event that was told before. */
    private record Recorded(String name, int count, ZonedDateTime at) {}

    /** An Event with the time at which it was told. */
    private record Told(EventObject event, ZonedDateTime at) {}

    private final BlockingQueue<Told> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final KubernetesApi api;
    private final ClusterNames names;
    private final Holder pod;
    private final Supplier<ZonedDateTime> wallClock;
    private final TokenBucket limit;
    private final Thread sender;

    // Only the sender touches these.
    private final Map<EventObject, Recorded> recorded = new LinkedHashMap<>();
    private long lastNumber;

    EventQueue(
            KubernetesApi api,
            ClusterNames names,
            Holder pod,
            Supplier<ZonedDateTime> wallClock,
            LongSupplier nanoTime) {
        this.api = api;
        this.names = names;
        this.pod = pod;
        this.wallClock = wallClock;
        this.limit = new TokenBucket(1.0 / REFILL_SECONDS, BURST, nanoTime);
        this.sender = Thread.ofVirtual().name("events").start(this::send);
    }

    void add(EventObject event) {
        if (!waiting.offer(new Told(event, wallClock.get()))) {
            LOG.debug("event dropped reason={}", event.reason());
        }
    }

    private void send() {
        try {
            while (true) {
                record(waiting.take());
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void record(Told told) {
        Optional<Recorded> series = Optional.ofNullable(recorded.get(told.event()))
                .filter(before -> told.at().isBefore(before.at().plusMinutes(SERIES_MINUTES)));
        if (!limit.tryTake()) {
            LOG.debug("event dropped reason={}", told.event().reason());
            // The next one that is sent says how many there were.
            series.ifPresent(
                    before -> recorded.put(told.event(), new Recorded(before.name(), before.count() + 1, before.at())));
            return;
        }
        if (series.isEmpty() || !repeat(told, series.get())) {
            create(told);
        }
    }

    /** False if the Event is no longer there. */
    private boolean repeat(Told told, Recorded before) {
        Recorded next = new Recorded(before.name(), before.count() + 1, told.at());
        ApiAnswer answer =
                api.mergePatch(names.event(next.name()), EventObject.repeated(next.count(), told.at()), TIMEOUT);
        if (answer instanceof ApiAnswer.Answered(int status, String ignored) && status == NOT_FOUND) {
            return false;
        }
        conclude(told, next, answer);
        return true;
    }

    private void create(Told told) {
        Recorded next = new Recorded(EventObject.name(pod.pod(), number(told.at())), 1, told.at());
        String event = told.event().created(next.name(), names.namespace(), pod, told.at());
        conclude(told, next, api.post(names.events(), event, TIMEOUT));
    }

    private void conclude(Told told, Recorded next, ApiAnswer answer) {
        if (answer instanceof ApiAnswer.Answered answered && answered.succeeded()) {
            remember(told.event(), next);
        } else {
            LOG.debug("event not recorded answer={}", answer.summary());
        }
    }

    private void remember(EventObject event, Recorded now) {
        recorded.remove(event);
        recorded.put(event, now);
        if (recorded.size() > REMEMBERED_MAX) {
            recorded.remove(recorded.keySet().iterator().next());
        }
    }

    /** Nanoseconds of wall time, and more than the last number, whatever the clock does. */
    private long number(ZonedDateTime at) {
        long nanos = at.toInstant().getEpochSecond() * 1_000_000_000L + at.getNano();
        lastNumber = Math.max(lastNumber + 1, nanos);
        return lastNumber;
    }

    @Override
    public void close() {
        sender.interrupt();
    }
}
