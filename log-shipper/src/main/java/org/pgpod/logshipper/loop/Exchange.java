package org.pgpod.logshipper.loop;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.Batch;
import org.pgpod.logshipper.model.FileState;

/**
 * What the reading and the storing thread pass to each other: two batches that go round, so that one is filled while the
 * other is stored, and positions to read from. A reader without a free batch waits: nothing else holds it back.
 */
final class Exchange {
    private static final int BATCHES = 2;

    private final BlockingQueue<Batch> free = new ArrayBlockingQueue<>(BATCHES);
    private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(BATCHES);
    private final AtomicLong waitingBytes = new AtomicLong();
    private final CountDownLatch draining = new CountDownLatch(1);
    private final CountDownLatch readingEnded = new CountDownLatch(1);
    private volatile Optional<Positions> positions = Optional.empty();

    Exchange(int bufferBytes) {
        for (int i = 0; i < BATCHES; i++) {
            free.add(new Batch(bufferBytes / BATCHES));
        }
    }

    /**
     * Where reading begins.
     *
     * @param generation rises with each; a batch that was read from earlier positions is not stored
     */
    record Positions(long generation, List<FileState> files) {}

    Optional<Positions> positions() {
        return positions;
    }

    /** Makes the reader begin at these positions. */
    void readFrom(Positions from) {
        positions = Optional.of(from);
    }

    /** A batch to fill, once there is one. */
    Optional<Batch> nextFree(Duration wait) throws InterruptedException {
        return Optional.ofNullable(free.poll(wait.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** Hands a sealed batch over; there is always room, for there are no more batches than places. */
    void handOver(Batch batch) {
        waitingBytes.addAndGet(fileBytes(batch));
        full.add(batch);
    }

    Optional<Batch> nextFull(Duration wait) throws InterruptedException {
        return Optional.ofNullable(full.poll(wait.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** Gives a batch back to be filled again. */
    void giveBack(Batch batch) {
        waitingBytes.addAndGet(-fileBytes(batch));
        batch.clear();
        free.add(batch);
    }

    /** Bytes of files whose records are handed over and not confirmed yet. */
    long waitingBytes() {
        return waitingBytes.get();
    }

    private static long fileBytes(Batch batch) {
        long bytes = 0;
        for (Advance advance : batch.advances()) {
            bytes += advance.state().position() - advance.from();
        }
        return bytes;
    }

    /** Asks both threads to end once everything that is there is stored. */
    void drain() {
        draining.countDown();
    }

    boolean isDraining() {
        return draining.getCount() == 0;
    }

    /** Waits for a while, or until draining begins. */
    void pause(Duration wait) throws InterruptedException {
        if (isDraining()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(wait.toNanos(), TimeUnit.MILLISECONDS.toNanos(100)));
        } else if (draining.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
            return;
        }
    }

    /** Says that no more batches will be handed over. */
    void endReading() {
        readingEnded.countDown();
    }

    boolean everythingStored() {
        return readingEnded.getCount() == 0 && full.isEmpty();
    }
}
