package org.pgpod.wireproxy.channel;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all clients together have sent that waits in this proxy: for a server connection, for the end of a hold, or for the
 * rest of a message that must be whole. Never more than its limit. Safe for all threads.
 */
public final class WaitingBytes {
    private final long most;
    private final AtomicLong held = new AtomicLong();

    public WaitingBytes(long most) {
        this.most = most;
    }

    /** How much waits now. */
    public long held() {
        return held.get();
    }

    Share share() {
        return new Share();
    }

    /** What one client has of it. Confined to its event loop. */
    final class Share {
        private long own;

        /** So much waits now; false if there is no room for it, and then nothing has changed. */
        boolean hold(long bytes) {
            long more = bytes - own;
            if (more == 0) {
                return true;
            }
            if (held.addAndGet(more) > most && more > 0) {
                held.addAndGet(-more);
                return false;
            }
            own = bytes;
            return true;
        }
    }
}
