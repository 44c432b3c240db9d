package org.pgpod.wireproxy.pool;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pgpod.wireproxy.pool.Pool.Server;
import org.pgpod.wireproxy.pool.Pool.State;
import org.pgpod.wireproxy.pool.Pool.Waiter;

/**
 * Decides which server connection serves which client: a connection serves one client at a time, clients of one pool are
 * served in the order in which they asked, and no pool keeps another from its first connection under a common cap. Every
 * event changes the state and returns what is to be done. Confined to one thread; times come in and never go back.
 *
 * @param <C> clients, told apart by identity; each has at most one request or connection at a time
 */
public final class PoolMachine<C> {
    /** In which state a server connection comes back. */
    public enum Condition {
        /** Exactly as it was given away, but for what the caller tracks itself. */
        CLEAN,
        /** At rest, with a state of the session that must not reach the next client. */
        NEEDS_RESET,
        /** Unknown: it must never serve anybody again. */
        DIRTY
    }

    /** Whether a login that failed may succeed if it is tried again. */
    public enum Failure {
        PASSING,
        FINAL
    }

    private static final int LIFETIME_SPREAD = 10;

    private final PoolLimits limits;
    private final Map<PoolKey, Pool<C>> pools = new LinkedHashMap<>();
    private final Map<ServerId, Server<C>> servers = new HashMap<>();
    private final Map<C, Pool<C>> waiting = new HashMap<>();
    private final Caps caps;
    private final Pauses pauses = new Pauses();
    private long lastServer;
    private long lastWaiter;
    private List<PoolEffect<C>> effects = new ArrayList<>();

    public PoolMachine(PoolLimits limits) {
        this.limits = limits;
        this.caps = new Caps(limits);
    }

    /** A client asks for a server connection. */
    public List<PoolEffect<C>> request(C client, PoolKey key, long nowMillis) {
        Pool<C> pool = pools.computeIfAbsent(key, Pool::new);
        if (waiting.putIfAbsent(client, pool) != null) {
            throw new IllegalStateException("the client waits already");
        }
        pool.minimumKept = true;
        pool.waiters.put(client, new Waiter(nowMillis, ++lastWaiter));
        dispatch(nowMillis);
        return done();
    }

    /** A client asks no longer; nothing happens if it does not wait. */
    public List<PoolEffect<C>> withdraw(C client) {
        Pool<C> pool = waiting.remove(client);
        if (pool != null) {
            pool.waiters.remove(client);
        }
        return done();
    }

    /** Makes a connection that logs in already part of the pool, if there is room; {@link #opened} must follow. */
    public Optional<ServerId> adopt(PoolKey key, long nowMillis) {
        Pool<C> pool = pools.computeIfAbsent(key, Pool::new);
        boolean room = !pauses.concern(key.database()) && pool.servers.size() < limits.size() && caps.haveRoom(key);
        return room ? Optional.of(added(pool, nowMillis)) : Optional.empty();
    }

    /** A login or a reset has succeeded. */
    public List<PoolEffect<C>> opened(ServerId id, long nowMillis) {
        Server<C> server = servers.get(id);
        if (server != null) {
            if (server.state == State.OPENING) {
                server.pool.opening--;
            }
            rest(server, nowMillis);
        }
        return done();
    }

    /** A login has failed. */
    public List<PoolEffect<C>> failed(ServerId id, Failure failure, long nowMillis) {
        Server<C> server = servers.get(id);
        if (server != null) {
            Pool<C> pool = server.pool;
            forget(server);
            pool.retryAt = nowMillis + limits.retryPause().toMillis();
            if (failure == Failure.FINAL) {
                pool.minimumKept = false;
                for (C client : List.copyOf(pool.waiters.keySet())) {
                    refuse(pool, client, PoolEffect.Refusal.LOGIN_FAILED);
                }
            }
            dispatch(nowMillis);
        }
        return done();
    }

    /** A client gives its server connection back. */
    public List<PoolEffect<C>> released(ServerId id, Condition condition, long nowMillis) {
        Server<C> server = servers.get(id);
        if (server != null) {
            boolean unusable = condition == Condition.DIRTY || isOver(server, nowMillis);
            if (unusable) {
                close(server);
                dispatch(nowMillis);
            } else if (condition == Condition.NEEDS_RESET) {
                server.state = State.RESETTING;
                effects.add(new PoolEffect.Reset<>(id));
            } else {
                rest(server, nowMillis);
            }
        }
        return done();
    }

    /** A server connection has ended by itself. */
    public List<PoolEffect<C>> gone(ServerId id, long nowMillis) {
        Server<C> server = servers.get(id);
        if (server != null) {
            forget(server);
            dispatch(nowMillis);
        }
        return done();
    }

    /** Time has passed; called a few times a second. */
    public List<PoolEffect<C>> tick(long nowMillis) {
        for (Pool<C> pool : pools.values()) {
            judgeWaiters(pool, nowMillis);
            closeOld(pool, nowMillis);
        }
        dispatch(nowMillis);
        pools.values().forEach(pool -> keepMinimum(pool, nowMillis));
        pools.values().removeIf(pool -> pool.isEmpty() && (limits.minimum() == 0 || !pool.minimumKept));
        return done();
    }

    /** No client of the database, or of any when it is null, gets a server connection; idle ones are closed. */
    public List<PoolEffect<C>> pause(@Nullable String database) {
        pauses.begin(database);
        return reconnect(database);
    }

    /** Takes {@link #pause} back: that of one database, or that of everything. */
    public List<PoolEffect<C>> resume(@Nullable String database, long nowMillis) {
        pauses.end(database);
        dispatch(nowMillis);
        return done();
    }

    /** Every server connection of the database, or of all when it is null, is closed, at the latest when it is released. */
    public List<PoolEffect<C>> reconnect(@Nullable String database) {
        for (Server<C> server : List.copyOf(servers.values())) {
            if (database == null || server.pool.key.database().equals(database)) {
                server.stale = true;
                if (server.state == State.IDLE) {
                    close(server);
                }
            }
        }
        return done();
    }

    /** How many server connections there are, in any state; while a pause holds only those that are not released yet. */
    public int busy(@Nullable String database) {
        int busy = 0;
        for (Server<C> server : servers.values()) {
            busy += database == null || server.pool.key.database().equals(database) ? 1 : 0;
        }
        return busy;
    }

    /** What {@link #pause} has paused. */
    public Pauses pauses() {
        return pauses;
    }

    /** Every pool at this moment. */
    public List<PoolCounts> counts(long nowMillis) {
        return pools.values().stream()
                .map(pool -> new PoolCounts(
                        pool.key,
                        pool.waiters.size(),
                        pool.waiters.isEmpty() ? 0 : nowMillis - pool.oldestWaiter().since,
                        pool.opening,
                        pool.idle.size(),
                        pool.count(State.ACTIVE),
                        pool.count(State.RESETTING)))
                .toList();
    }

    private List<PoolEffect<C>> done() {
        if (effects.isEmpty()) {
            return List.of();
        }
        List<PoolEffect<C>> all = effects;
        effects = new ArrayList<>();
        return all;
    }

    private void rest(Server<C> server, long nowMillis) {
        server.state = State.IDLE;
        server.idleSince = nowMillis;
        server.pool.idle.addFirst(server);
        if (isOver(server, nowMillis) || starvesAnother(server.pool, nowMillis)) {
            close(server);
        }
        dispatch(nowMillis);
    }

    private boolean isOver(Server<C> server, long nowMillis) {
        long lifetime = limits.lifetime().toMillis();
        long spread = lifetime / LIFETIME_SPREAD;
        long earlier = spread * (server.id.number() % LIFETIME_SPREAD) / LIFETIME_SPREAD;
        return server.stale || nowMillis - server.openedAt >= lifetime - earlier;
    }

    /** Whether a pool without any server connection waits, longer than this one, for a place under a cap of both. */
    private boolean starvesAnother(Pool<C> pool, long nowMillis) {
        for (Pool<C> other : pools.values()) {
            boolean blocked = other != pool
                    && other.servers.isEmpty()
                    && !other.waiters.isEmpty()
                    && nowMillis >= other.retryAt
                    && !pauses.concern(other.key.database())
                    && caps.areSharedAndFull(pool.key, other.key);
            if (blocked && (pool.waiters.isEmpty() || other.oldestWaiter().order < pool.oldestWaiter().order)) {
                return true;
            }
        }
        return false;
    }

    /** Serves whoever can be served, the pool whose first client has waited longest before the others. */
    private void dispatch(long nowMillis) {
        if (waiting.isEmpty()) {
            return;
        }
        List<Pool<C>> asking = pools.values().stream()
                .filter(pool -> !pool.waiters.isEmpty() && !pauses.concern(pool.key.database()))
                .sorted(Comparator.comparingLong(pool -> pool.oldestWaiter().order))
                .toList();
        // A pool without any connection may need a place under two caps: what is freed is kept for it.
        List<Pool<C>> blocked = new ArrayList<>();
        for (Pool<C> pool : asking) {
            serveIdle(pool);
            while (pool.opening < pool.waiters.size()
                    && nowMillis >= pool.retryAt
                    && blocked.stream().noneMatch(older -> caps.areShared(pool.key, older.key))
                    && mayOpen(pool, nowMillis)) {
                open(pool, nowMillis);
            }
            if (pool.servers.isEmpty() && !pool.waiters.isEmpty() && nowMillis >= pool.retryAt) {
                blocked.add(pool);
            }
        }
    }

    private void serveIdle(Pool<C> pool) {
        while (!pool.waiters.isEmpty() && !pool.idle.isEmpty()) {
            C client = pool.waiters.keySet().iterator().next();
            pool.waiters.remove(client);
            waiting.remove(client);
            Server<C> server = pool.idle.removeFirst();
            server.state = State.ACTIVE;
            effects.add(new PoolEffect.Assign<>(server.id, client));
        }
    }

    private boolean mayOpen(Pool<C> pool, long nowMillis) {
        long waited = nowMillis - pool.oldestWaiter().since;
        int reserve = waited >= limits.reserveDelay().toMillis() ? limits.reserve() : 0;
        return pool.servers.size() < limits.size() + reserve
                && (!caps.isDatabaseFull(pool.key)
                        || closesUnused(server -> server.pool.key.database().equals(pool.key.database())))
                && (!caps.isUserFull(pool.key)
                        || closesUnused(server -> server.pool.key.user().equals(pool.key.user())));
    }

    /** Closes the idle connection under a cap that was not used for longest; false when there is none. */
    private boolean closesUnused(Predicate<Server<C>> underCap) {
        Server<C> oldest = null;
        for (Server<C> server : servers.values()) {
            boolean spare = server.state == State.IDLE && underCap.test(server);
            if (spare && (oldest == null || server.idleSince < oldest.idleSince)) {
                oldest = server;
            }
        }
        if (oldest == null) {
            return false;
        }
        close(oldest);
        return true;
    }

    private void open(Pool<C> pool, long nowMillis) {
        effects.add(new PoolEffect.Open<>(added(pool, nowMillis), pool.key));
    }

    private ServerId added(Pool<C> pool, long nowMillis) {
        Server<C> server = new Server<>(new ServerId(++lastServer), pool, nowMillis);
        pool.servers.add(server);
        pool.opening++;
        servers.put(server.id, server);
        caps.entered(pool.key);
        return server.id;
    }

    private void close(Server<C> server) {
        forget(server);
        effects.add(new PoolEffect.Close<>(server.id));
    }

    private void forget(Server<C> server) {
        Pool<C> pool = server.pool;
        servers.remove(server.id);
        pool.servers.remove(server);
        if (server.state == State.IDLE) {
            pool.idle.remove(server);
        } else if (server.state == State.OPENING) {
            pool.opening--;
        }
        caps.left(pool.key);
    }

    private void refuse(Pool<C> pool, C client, PoolEffect.Refusal why) {
        pool.waiters.remove(client);
        waiting.remove(client);
        effects.add(new PoolEffect.Refuse<>(client, why));
    }

    private void judgeWaiters(Pool<C> pool, long nowMillis) {
        for (Map.Entry<C, Waiter> entry : List.copyOf(pool.waiters.entrySet())) {
            Waiter waiter = entry.getValue();
            long waited = nowMillis - waiter.since;
            if (waited >= limits.waitTimeout().toMillis()) {
                refuse(pool, entry.getKey(), PoolEffect.Refusal.WAIT_TIMEOUT);
            } else if (!waiter.notified && waited >= limits.waitNotify().toMillis()) {
                waiter.notified = true;
                effects.add(new PoolEffect.Notify<>(entry.getKey()));
            }
        }
    }

    private void closeOld(Pool<C> pool, long nowMillis) {
        for (Server<C> server : List.copyOf(pool.idle)) {
            boolean unused =
                    nowMillis - server.idleSince >= limits.idleTimeout().toMillis()
                            && pool.servers.size() > limits.minimum();
            if (unused || isOver(server, nowMillis)) {
                close(server);
            }
        }
    }

    private void keepMinimum(Pool<C> pool, long nowMillis) {
        while (pool.minimumKept
                && pool.servers.size() < limits.minimum()
                && nowMillis >= pool.retryAt
                && !pauses.concern(pool.key.database())
                && caps.haveRoom(pool.key)) {
            open(pool, nowMillis);
        }
    }
}
