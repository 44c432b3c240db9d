package org.pgpod.wireproxy.pool;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The servers and the waiting clients of one {@link PoolKey}. */
final class Pool<C> {
    /** With a pause of half a second: at last every 64 s. */
    private static final int MINIMUM_DOUBLINGS_MAX = 7;

    enum State {
        OPENING,
        IDLE,
        ACTIVE,
        RESETTING
    }

    static final class Server<C> {
        final ServerId id;
        final Pool<C> pool;
        final long openedAt;
        State state = State.OPENING;
        long idleSince;

        /** It belongs to an earlier RECONNECT or term and serves nobody else. */
        boolean stale;

        Server(ServerId id, Pool<C> pool, long openedAt) {
            this.id = id;
            this.pool = pool;
            this.openedAt = openedAt;
        }
    }

    static final class Waiter {
        final long since;
        final long order;
        boolean notified;

        Waiter(long since, long order) {
            this.since = since;
            this.order = order;
        }
    }

    final PoolKey key;
    final Set<Server<C>> servers = new LinkedHashSet<>();

    /** The one used last comes first, so that caches stay warm and those not needed become old. */
    final ArrayDeque<Server<C>> idle = new ArrayDeque<>();

    final Map<C, Waiter> waiters = new LinkedHashMap<>();
    int opening;

    /** Before it no login is tried for who waits. */
    long retryAt;

    /** Before it no login is tried to keep the minimum: ever later while logins fail. */
    long minimumAt;

    int failures;
    boolean minimumKept;

    Pool(PoolKey key) {
        this.key = key;
    }

    Waiter oldestWaiter() {
        return waiters.values().iterator().next();
    }

    void loginFailed(long nowMillis, long pauseMillis) {
        retryAt = nowMillis + pauseMillis;
        minimumAt = nowMillis + (pauseMillis << Math.min(failures, MINIMUM_DOUBLINGS_MAX));
        failures++;
    }

    /** Nothing is held against further logins. */
    void loginsAreNew() {
        retryAt = 0;
        minimumAt = 0;
        failures = 0;
    }

    boolean isEmpty() {
        return servers.isEmpty() && waiters.isEmpty();
    }

    int count(State state) {
        int count = 0;
        for (Server<C> server : servers) {
            count += server.state == state ? 1 : 0;
        }
        return count;
    }
}
