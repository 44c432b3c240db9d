package org.pgpod.wireproxy.lease;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.pod.ProxyAnswer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@code run/proxy}: within 100 ms of a new token, every {@link #TICK} in which the counts change during a
 * hold, and at least every second. Nothing is written while the event loops do not answer, so that silence means trouble.
 */
public final class AnswerFile {
    private static final Logger LOG = LoggerFactory.getLogger(AnswerFile.class);
    /** How often {@link #tick} is called. */
    public static final Duration TICK = Duration.ofMillis(40);

    private static final long REPEAT_MILLIS = 900;

    private final Path file;
    private final LeaseWatch lease;
    private final Supplier<Optional<Census>> census;
    private long writtenAtMillis;
    private LeaseView answered = LeaseView.UNSEEN;
    private Census counted = Census.EMPTY;
    private boolean failing;

    public AnswerFile(Path file, LeaseWatch lease, Supplier<Optional<Census>> census) {
        this.file = file;
        this.lease = lease;
        this.census = census;
    }

    /** Writes the file if that is due; called every {@link #TICK}. */
    public void tick() {
        LeaseView view = lease.view();
        long now = lease.nowMillis();
        boolean due = now - writtenAtMillis >= REPEAT_MILLIS || !view.equals(answered);
        if (due || view.phase() != Phase.OPEN) {
            Optional<Census> counts = census.get();
            if (counts.isPresent() && (due || !counts.get().equals(counted))) {
                write(view, now, counts.get());
            }
        }
    }

    private void write(LeaseView view, long now, Census counts) {
        logChange(view);
        ProxyAnswer answer = new ProxyAnswer(
                lease.bootId(),
                now,
                view.sequence(),
                view.phase(),
                counts.sessions(),
                counts.inFlight(),
                counts.parked());
        answered = view;
        counted = counts;
        writtenAtMillis = now;
        try {
            AtomicFile.replace(file, answer.format());
            failing = false;
        } catch (IOException failed) {
            if (!failing) {
                LOG.error("answer not written file={} reason={}", file, failed.toString());
            }
            failing = true;
        }
    }

    private void logChange(LeaseView view) {
        boolean changed = view.role() != answered.role()
                || view.phase() != answered.phase()
                || view.epoch() != answered.epoch()
                || !view.reason().equals(answered.reason());
        if (changed) {
            LOG.info(
                    "lease role={} phase={} epoch={} reason={}",
                    view.role(),
                    view.phase(),
                    view.epoch(),
                    view.reason().isEmpty() ? "-" : view.reason());
        }
    }
}
