package org.pgpod.logshipper.forward;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.forward.Destination.Outcome;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.Batch;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.Verdict;
import org.pgpod.logshipper.sink.Delivery;
import org.pgpod.logshipper.sink.LogSink;
import org.pgpod.logshipper.sink.Opening;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers records at least once: the position moves on after the destination has taken them. A record can come twice after
 * a failure or a restart, always with the same id; none is passed over. What the destination refuses for good is put aside.
 */
public final class Forwarder implements LogSink {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);

    private final ForwardSettings settings;
    private final PositionFile positions;
    private final RefusedFile refused;
    private @Nullable Destination destination;
    private volatile @Nullable Thread user;

    /** The end of the batch whose first records were taken, and how many those are. */
    private List<Advance> begun = List.of();

    private int taken;

    public Forwarder(ForwardSettings settings) {
        this.settings = settings;
        this.positions = new PositionFile(settings.directory(), settings.kind().label());
        this.refused = new RefusedFile(settings.directory(), settings.kind().label());
    }

    private Destination connected() throws IOException {
        ForwardSettings.Http http = settings.http().orElse(null);
        if (http == null) {
            return new StreamDestination(new FileOutputStream(FileDescriptor.out), new JsonLines());
        }
        return new HttpDestination(
                http,
                switch (settings.kind()) {
                    case OTLP -> new OtlpLogs();
                    case LOKI -> new LokiPush();
                    case HTTP, STDOUT -> new JsonLines();
                });
    }

    @Override
    public Opening open() {
        user = Thread.currentThread();
        try {
            if (destination == null) {
                destination = connected();
            }
            List<FileState> files = positions.open();
            return new Opening.Opened(1, files);
        } catch (IOException failed) {
            return new Opening.Closed(String.valueOf(failed.getMessage()), "configuration");
        }
    }

    @Override
    public Delivery deliver(Batch batch) {
        Destination open = destination;
        if (open == null) {
            return new Delivery.Retry("the sink is not open", "network");
        }
        if (!batch.advances().equals(begun)) {
            begun = batch.advances();
            taken = 0;
        }
        try {
            Optional<Outcome.Retry> failure = send(open, batch);
            if (failure.isPresent()) {
                return new Delivery.Retry(failure.get().reason(), failure.get().state());
            }
            if (!positions.advance(batch.advances())) {
                return new Delivery.Diverged("a file's position is not the one that the batch continues from");
            }
            begun = List.of();
            return new Delivery.Stored();
        } catch (IOException failed) {
            return new Delivery.Retry(String.valueOf(failed.getMessage()), "positions");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Delivery.Retry("stopped", "network");
        }
    }

    /**
     * Sends what was not taken yet. Of what is refused ever fewer records are sent at once, until it is known which ones it
     * is about: those are put aside.
     */
    private Optional<Outcome.Retry> send(Destination open, Batch batch) throws IOException, InterruptedException {
        List<ForwardedRecord> records = BatchRecords.of(batch);
        int recordsMax = Integer.MAX_VALUE;
        while (taken < records.size()) {
            int end = requestEnd(records, open.bytesMax(), recordsMax);
            switch (open.send(records.subList(taken, end))) {
                case Outcome.Accepted accepted -> {
                    taken = end;
                    recordsMax = recordsMax > records.size() ? recordsMax : 2 * recordsMax;
                }
                case Outcome.Retry again -> {
                    return Optional.of(again);
                }
                case Outcome.Refused(String reason)
                when end - taken == 1 -> {
                    refused.keep(records.get(taken), reason);
                    batch.countDeadLetters(Verdict.REFUSED, 1);
                    taken = end;
                }
                case Outcome.Refused several -> recordsMax = (end - taken) / 2;
            }
        }
        return Optional.empty();
    }

    private int requestEnd(List<ForwardedRecord> records, int bytesMax, int recordsMax) {
        long bytes = 0;
        int end = taken;
        while (end < records.size()
                && (end == taken || (bytes + records.get(end).bytes() <= bytesMax && end - taken < recordsMax))) {
            bytes += records.get(end).bytes();
            end++;
        }
        return end;
    }

    @Override
    public void maintain(Collection<Integer> present) {
        try {
            positions.forgetGone(present);
        } catch (IOException failed) {
            LOG.warn("positions not maintained reason={}", failed.toString());
        }
    }

    /** There is no connection to keep: whether the destination answers shows with the next records. */
    @Override
    public boolean answers() {
        return true;
    }

    @Override
    public void close() {
        try {
            positions.close();
        } catch (IOException failed) {
            LOG.warn("positions not unlocked reason={}", failed.toString());
        }
    }

    @Override
    public void abort() {
        Thread waiting = user;
        if (waiting != null) {
            waiting.interrupt();
        }
    }
}
