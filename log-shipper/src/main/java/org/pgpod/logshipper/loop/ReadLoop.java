package org.pgpod.logshipper.loop;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.loop.Exchange.Positions;
import org.pgpod.logshipper.tail.LogDirectories;
import org.pgpod.logshipper.tail.RecordReader;
import org.pgpod.logshipper.tail.Tails;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the files into batches. While the store is away it goes on looking at the directories, so that files are found and
 * held open before they are deleted, and reads no further than the buffer.
 */
final class ReadLoop implements Runnable {
    private static final Duration SCAN_INTERVAL = Duration.ofSeconds(1);
    /** Very many files are looked at less often: for each second of looking this many pass without. */
    private static final int SCAN_PAUSE = 10;

    private static final Logger LOG = LoggerFactory.getLogger(ReadLoop.class);

    private final LogShipperSettings settings;
    private final LogDirectories directories;
    private final RecordReader reader;
    private final BatchFiller filler;
    private final Exchange exchange;
    private final ShipperMeters meters;
    private final ReadingWarnings warnings;
    private volatile Collection<Integer> present = List.of();
    private @Nullable Tails tails;
    private long generation;
    private long scannedAt;
    private long scanTookNanos;
    private long takenSince;
    private boolean scanFails;

    ReadLoop(
            LogShipperSettings settings,
            LogDirectories directories,
            RecordReader reader,
            BatchFiller filler,
            Exchange exchange,
            ShipperMeters meters,
            ReadingWarnings warnings) {
        this.settings = settings;
        this.directories = directories;
        this.reader = reader;
        this.filler = filler;
        this.exchange = exchange;
        this.meters = meters;
        this.warnings = warnings;
    }

    /** The numbers of the files that are there; asked by the storing thread. */
    Collection<Integer> present() {
        return present;
    }

    @Override
    public void run() {
        try {
            boolean more = true;
            while (more) {
                more = step();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.endReading();
            if (tails != null) {
                tails.close();
            }
        }
    }

    /** One pass over the files; false when draining is done. */
    private boolean step() throws InterruptedException {
        boolean lastPass = exchange.isDraining();
        Tails files = takePositions();
        if (files == null) {
            exchange.pause(settings.pollInterval());
            return true;
        }
        scanIfDue(files, lastPass);
        if (!filler.isFilling()) {
            exchange.nextFree(settings.pollInterval()).ifPresent(filler::fill);
        }
        boolean idle = !filler.isFilling() || !readSome(files, lastPass);
        report(files);
        if (idle && filler.isFilling()) {
            if (lastPass) {
                return false;
            }
            exchange.pause(settings.pollInterval());
        }
        return true;
    }

    /** Reads from every file and hands the batch over when it is time; false when there was nothing more to read. */
    private boolean readSome(Tails files, boolean lastPass) {
        boolean hadTaken = filler.hasTaken();
        Tails.Pass pass = files.read(filler, System.nanoTime());
        long now = System.nanoTime();
        if (!hadTaken && filler.hasTaken()) {
            takenSince = now;
        }
        boolean due = lastPass || now - takenSince >= settings.flushInterval().toNanos();
        if (pass == Tails.Pass.FULL || (pass == Tails.Pass.EXHAUSTED && filler.hasTaken() && due)) {
            exchange.handOver(filler.seal(generation));
            return pass == Tails.Pass.FULL;
        }
        return pass == Tails.Pass.MORE;
    }

    /** The files to read, begun anew if the positions were set anew; null before they are known. */
    private @Nullable Tails takePositions() {
        Optional<Positions> positions = exchange.positions();
        if (positions.isPresent() && positions.get().generation() != generation) {
            if (tails != null) {
                tails.close();
            }
            filler.reset();
            generation = positions.get().generation();
            tails = new Tails(directories, reader, positions.get().files());
            scannedAt = System.nanoTime() - SCAN_INTERVAL.toNanos();
        }
        return tails;
    }

    private void scanIfDue(Tails files, boolean lastPass) {
        long now = System.nanoTime();
        if (!lastPass && now - scannedAt < Math.max(SCAN_INTERVAL.toNanos(), scanTookNanos * SCAN_PAUSE)) {
            return;
        }
        scannedAt = now;
        try {
            files.scan();
            scanTookNanos = System.nanoTime() - now;
            present = files.numbers();
            warnings.look(filler.prefixFit(), files, Clock.systemUTC().millis());
            scanFails = false;
        } catch (IOException failed) {
            if (!scanFails) {
                LOG.error("log directories cannot be read", failed);
            }
            scanFails = true;
        }
    }

    private void report(Tails files) {
        meters.lag(files.unreadBytes() + filler.takenBytes() + exchange.waitingBytes(), System.nanoTime());
        meters.files(files.rewritten(), files.unreadable());
    }
}
