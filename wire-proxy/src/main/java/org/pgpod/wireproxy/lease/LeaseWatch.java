package org.pgpod.wireproxy.lease;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.KeyValueLine;
import org.pgpod.core.pod.LeaseToken;

/**
 * Keeps the current {@link LeaseView} in one volatile field: reads the file every {@link #POLL_MILLIS} on a thread of its
 * own, which never logs and waits for nobody, and tells the listener whenever what the token allows may have changed,
 * including the very moments at which {@code until} and {@code hold} pass.
 */
public final class LeaseWatch {
    /** How long a change of the file may go unseen. */
    public static final long POLL_MILLIS = 20;

    private final Path file;
    private final BootClock clock;
    private final Runnable changed;
    private final Thread thread;
    private final ByteBuffer content = ByteBuffer.allocate(KeyValueLine.LENGTH_MAX + 1);
    private volatile LeaseView view = LeaseView.UNSEEN;
    private volatile boolean closed;

    private Optional<LeaseToken> token = Optional.empty();

    /** What was last announced: a change of any of it is announced again. */
    private LeaseView announcedView = LeaseView.UNSEEN;

    private boolean announcedRole;
    private boolean announcedHold;

    public LeaseWatch(Path file, BootClock clock, Runnable changed) {
        this.file = file;
        this.clock = clock;
        this.changed = changed;
        this.thread = Thread.ofPlatform().name("lease-watch").daemon(true).unstarted(this::run);
    }

    /** Reads the file once and goes on reading it. */
    public void start() {
        look();
        thread.start();
    }

    public LeaseView view() {
        return view;
    }

    /** This moment, for comparison with the view. */
    public long nowMillis() {
        return clock.nowMillis();
    }

    public String bootId() {
        return clock.bootId();
    }

    /** Stops reading; the view stays as it is and ends by its own times. */
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        while (!closed) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis()));
            look();
        }
    }

    private long pauseMillis() {
        long now = clock.nowMillis();
        long pause = POLL_MILLIS;
        for (long moment : new long[] {view.untilMillis(), view.holdMillis()}) {
            if (moment > now) {
                pause = Math.min(pause, moment - now);
            }
        }
        return pause;
    }

    private void look() {
        try {
            token = read();
        } catch (IOException unreadableNow) {
            // Without a free descriptor, say: the token read last still ends by its own times.
        }
        long now = clock.nowMillis();
        LeaseView current = LeaseView.of(token, now, clock);
        view = current;
        boolean role = current.hasRoleAt(now);
        boolean hold = current.holdsAt(now);
        if (!current.equals(announcedView) || role != announcedRole || hold != announcedHold) {
            announcedView = current;
            announcedRole = role;
            announcedHold = hold;
            changed.run();
        }
    }

    /** The file's token; empty when the file is missing or torn. */
    private Optional<LeaseToken> read() throws IOException {
        content.clear();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (content.hasRemaining() && channel.read(content) >= 0) {
                // One read takes all of it; the loop is for a file system that gives less.
            }
        } catch (NoSuchFileException missing) {
            return Optional.empty();
        }
        content.flip();
        return LeaseToken.parse(StandardCharsets.US_ASCII.decode(content).toString());
    }
}
