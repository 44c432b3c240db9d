package org.pgpod.wireproxy.standbys;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** One member at which clients may read: what is known of it, and how many sessions this proxy has there. Safe for all threads. */
public final class Standby {
    /** A member of which nothing newer is known gets no new sessions. */
    private static final long FRESH_MILLIS = 5_000;

    /** After that it may lag by any amount. */
    private static final long UNKNOWN_MILLIS_MAX = 15_000;

    /** A member that could not be reached gets no new sessions for so long. */
    private static final long AVOIDED_MILLIS = 5_000;

    /** One look may come in an unlucky moment: the positions of two servers are not read at the same instant. */
    private static final int UNFIT_LOOKS_MAX = 3;

    /**
     * What was last seen.
     *
     * @param lagBytes WAL that the primary has written and this member has not replayed; -1 if unknown
     * @param unfitLooks how often in a row it was not fit
     */
    private record Sight(boolean fit, long lagBytes, int unfitLooks, long seenMillis) {}

    private final String name;
    private final String host;
    private final Optional<String> zone;
    private final AtomicInteger sessions = new AtomicInteger();
    private final LongAdder begun = new LongAdder();
    private volatile Sight sight;
    private volatile long avoidedUntil;

    Standby(Member member, long nowMillis) {
        this.name = member.name();
        this.host = member.host();
        this.zone = member.zone();
        this.sight = new Sight(false, -1, 0, nowMillis - FRESH_MILLIS - 1);
    }

    public String name() {
        return name;
    }

    public String host() {
        return host;
    }

    Optional<String> zone() {
        return zone;
    }

    boolean isAt(Member member) {
        return host.equals(member.host()) && zone.equals(member.zone());
    }

    void seen(boolean fit, long lagBytes, long nowMillis) {
        sight = new Sight(fit, lagBytes, fit ? 0 : sight.unfitLooks() + 1, nowMillis);
    }

    void promoted(long nowMillis) {
        sight = new Sight(false, -1, UNFIT_LOOKS_MAX, nowMillis);
    }

    /** Bytes of WAL that it has yet to replay; -1 if unknown. */
    public long lagBytes() {
        return sight.lagBytes();
    }

    /** Whether new sessions may begin there. */
    public boolean isFitAt(long nowMillis) {
        Sight now = sight;
        return now.fit() && nowMillis - now.seenMillis() <= FRESH_MILLIS && nowMillis >= avoidedUntil;
    }

    /** Whether sessions must leave it: it is no standby, lags too much, or nobody knows for too long. */
    public boolean isOverAt(long nowMillis) {
        Sight now = sight;
        return now.unfitLooks() >= UNFIT_LOOKS_MAX || nowMillis - now.seenMillis() > UNKNOWN_MILLIS_MAX;
    }

    /** It could not be reached. */
    public void avoid(long nowMillis) {
        avoidedUntil = nowMillis + AVOIDED_MILLIS;
    }

    void enter() {
        sessions.incrementAndGet();
    }

    /** A session that was brought here has ended. */
    public void leave() {
        sessions.decrementAndGet();
    }

    /** A session has reached it. */
    public void reached() {
        begun.increment();
    }

    /** Sessions of this proxy that are there or on their way. */
    public int sessions() {
        return sessions.get();
    }

    /** Sessions of this proxy that have reached it. */
    public long begun() {
        return begun.sum();
    }
}
