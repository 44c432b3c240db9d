package org.pgpod.wireproxy.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded queue with one thread that carries away what is in it, so that event loops wait for nobody: what finds no room
 * is dropped and counted.
 */
public final class Outbox<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final long STOP_MILLIS_MAX = 2_000;

    private final BlockingQueue<T> queue;
    private final int batchMax;
    private final long gatherMillis;
    private final Consumer<List<T>> carry;
    private final LongAdder dropped;
    private final Thread thread;
    private volatile boolean closing;

    /**
     * Starts the thread.
     *
     * @param gatherMillis how long it waits for more before it carries a batch that is not full
     */
    public Outbox(
            String name, int roomMax, int batchMax, long gatherMillis, LongAdder dropped, Consumer<List<T>> carry) {
        this.queue = new ArrayBlockingQueue<>(roomMax);
        this.batchMax = batchMax;
        this.gatherMillis = gatherMillis;
        this.dropped = dropped;
        this.carry = carry;
        this.thread = Thread.ofPlatform().name(name).daemon(true).start(this::run);
    }

    /** Never waits. */
    void offer(T item) {
        if (!queue.offer(item)) {
            dropped.increment();
        }
    }

    private void run() {
        List<T> batch = new ArrayList<>();
        try {
            while (!closing || !queue.isEmpty()) {
                gather(batch);
                if (!batch.isEmpty()) {
                    carry(batch);
                    batch.clear();
                }
            }
        } catch (InterruptedException stopping) {
            dropped.add(batch.size() + queue.size());
        }
    }

    private void gather(List<T> batch) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(gatherMillis);
        while (batch.size() < batchMax) {
            T next = queue.poll(closing ? 0 : Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) {
                return;
            }
            batch.add(next);
        }
    }

    private void carry(List<T> batch) {
        try {
            carry.accept(List.copyOf(batch));
        } catch (RuntimeException surprise) {
            dropped.add(batch.size());
            LOG.error("cannot carry away thread={} items={}", thread.getName(), batch.size(), surprise);
        }
    }

    /** Carries away what is there, for two seconds at most. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join(STOP_MILLIS_MAX);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
