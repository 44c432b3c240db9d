package org.pgpod.wireproxy.channel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds how many connections a door has open, whether logged in or not. A few more are let in to be told why they are
 * refused; beyond those a connection is closed without a word.
 */
public final class ConnectionLimit {
    /** How many may be told at once. */
    static final int SURPLUS_MAX = 32;

    /** What becomes of a new connection. */
    enum Place {
        FREE,
        SURPLUS,
        NONE
    }

    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    public ConnectionLimit(int most) {
        this.most = most;
    }

    /** Takes a place; unless it is {@link Place#NONE}, {@link #leave} must follow once. */
    Place enter() {
        int now = open.incrementAndGet();
        if (now <= most) {
            return Place.FREE;
        }
        if (now <= most + SURPLUS_MAX) {
            return Place.SURPLUS;
        }
        open.decrementAndGet();
        return Place.NONE;
    }

    void leave() {
        open.decrementAndGet();
    }

    /** Connections that are open now. */
    public int open() {
        return open.get();
    }
}
