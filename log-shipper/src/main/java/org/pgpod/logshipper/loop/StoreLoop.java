package org.pgpod.logshipper.loop;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.pgpod.logshipper.loop.Exchange.Positions;
import org.pgpod.logshipper.model.Batch;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.Standing;
import org.pgpod.logshipper.sink.Delivery;
import org.pgpod.logshipper.sink.LogSink;
import org.pgpod.logshipper.sink.Opening;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores batches, each until it is stored, however long the store is away. Ends when draining is done, when it is
 * interrupted, or for good when a younger shipper has taken the source over.
 */
final class StoreLoop implements Runnable {
    private static final Duration RETRY_FIRST = Duration.ofMillis(200);
    private static final Duration IDLE_WAIT = Duration.ofMillis(200);
    private static final Duration QUESTION_INTERVAL = Duration.ofSeconds(10);
    private static final Duration MAINTENANCE_INTERVAL = Duration.ofHours(1);
    private static final int STORED_MIN = 1_024;
    private static final Logger LOG = LoggerFactory.getLogger(StoreLoop.class);

    private final String sink;
    private final LogSink store;
    private final Exchange exchange;
    private final ReadLoop reader;
    private final ShipperMeters meters;
    private final Duration retryMax;
    private final Map<Integer, FileState> stored = new ConcurrentHashMap<>();
    private volatile boolean storedKnown;
    private int storedMax = STORED_MIN;
    private volatile State state = new State.Away("not connected yet");
    private Duration retry = RETRY_FIRST;
    private long generation;
    private long askedAt;
    private long maintainedAt;

    StoreLoop(String sink, LogSink store, Exchange exchange, ReadLoop reader, ShipperMeters meters, Duration retryMax) {
        this.sink = sink;
        this.store = store;
        this.exchange = exchange;
        this.reader = reader;
        this.meters = meters;
        this.retryMax = retryMax;
    }

    /** What this thread knows of the store. */
    sealed interface State {
        record Open(long epoch) implements State {}

        record Away(String reason) implements State {}

        /** A younger shipper writes now, and this one never again. */
        record Fenced(long epoch) implements State {}
    }

    State state() {
        return state;
    }

    /** How far each file is stored; empty before the store was reached for the first time. */
    Optional<Collection<FileState>> stored() {
        return storedKnown ? Optional.of(List.copyOf(stored.values())) : Optional.empty();
    }

    @Override
    public void run() {
        try {
            reopen().ifPresent(this::readFrom);
            while (!(state instanceof State.Fenced) && !exchange.everythingStored()) {
                Optional<Batch> batch = exchange.nextFull(IDLE_WAIT);
                if (batch.isPresent()) {
                    settle(batch.get());
                } else {
                    keepUp();
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            store.close();
        }
    }

    /** Stores a batch, or finds that it is not to be stored any more, and gives it back. */
    private void settle(Batch batch) throws InterruptedException {
        long began = System.nanoTime();
        boolean settled = batch.generation() != generation;
        while (!settled && !(state instanceof State.Fenced)) {
            settled = switch (store.deliver(batch)) {
                case Delivery.Stored stored -> confirmed(batch, began);
                case Delivery.Retry again -> retried(again, batch, began);
                case Delivery.Diverged other -> diverged(other.reason());
                case Delivery.Fenced younger -> fenced(younger.epoch());
            };
        }
        exchange.giveBack(batch);
    }

    private boolean confirmed(Batch batch, long began) {
        retry = RETRY_FIRST;
        askedAt = System.nanoTime();
        meters.stored(batch, Duration.ofNanos(System.nanoTime() - began));
        batch.advances().forEach(advance -> stored.put(advance.state().number(), advance.state()));
        forgetGone();
        return true;
    }

    /** Files that are gone need not be known; looking which they are is worth it once there may be many. */
    private void forgetGone() {
        if (stored.size() > storedMax) {
            stored.keySet().retainAll(Set.copyOf(reader.present()));
            storedMax = Math.max(STORED_MIN, 2 * stored.size());
        }
    }

    /** Opens the store again, which tells whether the batch was committed. */
    private boolean retried(Delivery.Retry failure, Batch batch, long began) throws InterruptedException {
        away(failure.reason(), failure.state());
        pause();
        Optional<List<FileState>> files = reopen();
        if (files.isEmpty()) {
            return true;
        }
        return switch (Standing.of(batch.advances(), files.get())) {
            case STORED -> {
                LOG.info(
                        "commit found confirmed after reconnecting files={}",
                        batch.advances().size());
                yield confirmed(batch, began);
            }
            case NOT_STORED -> false;
            case DIVERGED -> {
                readFrom(files.get());
                yield true;
            }
        };
    }

    private boolean diverged(String reason) throws InterruptedException {
        LOG.warn("positions taken from the store again sink={} reason={}", sink, reason);
        meters.storeFailed("diverged");
        pause();
        reopen().ifPresent(this::readFrom);
        return true;
    }

    private boolean fenced(long youngest) {
        state = new State.Fenced(youngest);
        meters.fenced();
        LOG.error("fenced: a younger shipper of the same source has taken over sink={} epoch={}", sink, youngest);
        return true;
    }

    /** Opens the store, however long that takes; empty only when fenced. */
    private Optional<List<FileState>> reopen() throws InterruptedException {
        while (true) {
            switch (store.open()) {
                case Opening.Opened opened -> {
                    if (state instanceof State.Away) {
                        LOG.info(
                                "store open sink={} epoch={} files={}",
                                sink,
                                opened.epoch(),
                                opened.files().size());
                    }
                    state = new State.Open(opened.epoch());
                    stored.clear();
                    opened.files().forEach(file -> stored.put(file.number(), file));
                    storedKnown = true;
                    askedAt = System.nanoTime();
                    maintainedAt = askedAt;
                    return Optional.of(opened.files());
                }
                case Opening.Fenced younger -> {
                    fenced(younger.epoch());
                    return Optional.empty();
                }
                case Opening.Closed closed -> {
                    away(closed.reason(), closed.state());
                    pause();
                }
            }
        }
    }

    private void away(String reason, String sqlState) {
        meters.storeFailed(sqlState);
        // One line when it goes away, not one for each attempt.
        if (!(state instanceof State.Away before) || !before.reason().equals(reason)) {
            LOG.warn("store away sink={} state={} reason={}", sink, sqlState, reason);
        }
        state = new State.Away(reason);
    }

    /** Waits longer each time; by chance a little less, so that many shippers do not come back at once. */
    private void pause() throws InterruptedException {
        long millis = retry.toMillis();
        Thread.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        retry = retry.multipliedBy(2).compareTo(retryMax) > 0 ? retryMax : retry.multipliedBy(2);
    }

    private void readFrom(List<FileState> files) {
        generation++;
        exchange.readFrom(new Positions(generation, files));
    }

    private void keepUp() throws InterruptedException {
        long now = System.nanoTime();
        if (now - askedAt >= QUESTION_INTERVAL.toNanos()) {
            askedAt = now;
            if (!store.answers()) {
                away("the connection does not answer", "network");
                reopen();
            }
        }
        if (now - maintainedAt >= MAINTENANCE_INTERVAL.toNanos()) {
            maintainedAt = now;
            store.maintain(reader.present());
        }
    }
}
