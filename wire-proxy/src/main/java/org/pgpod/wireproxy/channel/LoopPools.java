package org.pgpod.wireproxy.channel;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.console.Report;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.lease.Route;
import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.pool.PoolCounts;
import org.pgpod.wireproxy.pool.PoolEffect;
import org.pgpod.wireproxy.pool.PoolKey;
import org.pgpod.wireproxy.pool.PoolKey.Server;
import org.pgpod.wireproxy.pool.PoolMachine;
import org.pgpod.wireproxy.pool.PoolMachine.Condition;
import org.pgpod.wireproxy.pool.PoolMachine.Failure;
import org.pgpod.wireproxy.pool.ServerId;
import org.pgpod.wireproxy.protocol.ErrorFields;
import org.pgpod.wireproxy.protocol.SqlState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server connections of one event loop: carries out what its {@link PoolMachine} decides. Confined to that loop.
 */
final class LoopPools {
    private static final Logger LOG = LoggerFactory.getLogger(LoopPools.class);

    private static final long TICK_MILLIS = 100;

    private static final String RESET = "DISCARD ALL";

    /** Logins that fail so may succeed later: Postgres starts or stops, or has no room. */
    private static final Set<Long> PASSING = Set.of(
            SqlState.packed("57P03"), SqlState.packed("57P01"), SqlState.packed("57P02"), SqlState.packed("53300"));

    /** A server connection, and when it was logged in. */
    record Held(ServerConnection connection, PoolKey key, long sinceMillis) {}

    private final Surroundings surroundings;
    private final Pooling pooling;
    private final EventLoop loop;
    private final PoolMachine<Tenancy> machine;
    private final Map<ServerId, Held> servers = new HashMap<>();
    private final Map<PoolKey, ScramKeys> secrets = new HashMap<>();
    private final PoolAdmission admission;
    private final DatabaseTraffic traffic = new DatabaseTraffic();
    private final ArrayDeque<PoolEffect<Tenancy>> due = new ArrayDeque<>();
    private boolean running;
    private LeaseView term;

    LoopPools(Surroundings surroundings, Pooling pooling, EventLoop loop) {
        this.surroundings = surroundings;
        this.pooling = pooling;
        this.loop = loop;
        this.machine = new PoolMachine<>(pooling.limits());
        this.admission = new PoolAdmission(surroundings, pooling, loop, this);
        this.term = surroundings.lease().view();
    }

    void start() {
        Wire.later(loop, this::tick, TICK_MILLIS);
    }

    private long now() {
        return surroundings.lease().nowMillis();
    }

    /** Who decides which clients come in. */
    PoolAdmission admission() {
        return admission;
    }

    /** What clients do, by database. */
    DatabaseTraffic traffic() {
        return traffic;
    }

    /** Keeps a connection that is logged in, if its pool has room, and its keys for others. */
    void keep(PoolKey key, ScramKeys keys, BackendConnection connection, Standing standing) {
        secrets.put(key, keys);
        boolean usable = standing.judge(surroundings.lease().view(), now()) == Standing.Verdict.SERVE;
        Optional<ServerId> place = usable ? machine.adopt(key, now()) : Optional.empty();
        if (place.isPresent()) {
            add(place.get(), key, connection, standing);
        } else {
            Farewell.close(connection.channel());
        }
    }

    /** What a login of this pool says first. */
    static Map<String, String> startup(PoolKey key) {
        Map<String, String> startup = new LinkedHashMap<>();
        startup.put("user", key.user());
        startup.put("database", key.database());
        startup.putAll(key.parameters());
        return startup;
    }

    private void add(ServerId id, PoolKey key, BackendConnection connection, Standing standing) {
        ServerConnection server = new ServerConnection(id, this, connection, standing, pooling.statementsMax());
        servers.put(id, new Held(server, key, now()));
        connection.channel().pipeline().addLast(server);
        connection.channel().config().setAutoRead(true);
        run(machine.opened(id, now()));
    }

    void request(Tenancy tenancy) {
        run(machine.request(tenancy, tenancy.wanted(), now()));
    }

    void withdraw(Tenancy tenancy) {
        run(machine.withdraw(tenancy));
    }

    void released(ServerConnection server, Condition condition) {
        run(machine.released(server.id(), condition, now()));
    }

    void serverGone(ServerConnection server) {
        if (servers.remove(server.id()) != null) {
            run(machine.gone(server.id(), now()));
        }
    }

    private void tick() {
        Wire.later(loop, this::tick, TICK_MILLIS);
        run(machine.tick(now()));
        admission.tick();
        traffic.tick(now());
    }

    /** Looks at the lease again: no server connection outlives the term in which it was opened. */
    void review() {
        LeaseView view = surroundings.lease().view();
        boolean another = view.role() != term.role()
                || view.epoch() != term.epoch()
                || !view.leader().equals(term.leader());
        term = view;
        if (another || !view.hasRoleAt(now())) {
            admission.clear();
            run(machine.reconnect(null));
        }
    }

    /** Every pool at this moment. */
    List<PoolCounts> counts() {
        return machine.counts(now());
    }

    /** The server connections that are logged in. */
    Collection<Held> servers() {
        return servers.values();
    }

    /** Whether no server connection is given to clients of this database. */
    boolean isPaused(String database) {
        return machine.pauses().concern(database);
    }

    /** Databases that are paused by name. */
    Set<String> pausedDatabases() {
        return machine.pauses().databases();
    }

    /** Whether exactly this pause holds, that of everything when there is no database. */
    boolean pauses(Optional<String> database) {
        return database.map(name -> machine.pauses().databases().contains(name)).orElseGet(machine.pauses()::areOfAll);
    }

    /** Gives nobody of the database, or of any, a server connection; {@link #busy} falls to 0. */
    void pause(Optional<String> database) {
        run(machine.pause(database.orElse(null)));
    }

    void resume(Optional<String> database) {
        run(machine.resume(database.orElse(null), now()));
        admission.resume();
    }

    /** Replaces the server connections of the database, or all, when they are released. */
    void reconnect(Optional<String> database) {
        admission.clear();
        run(machine.reconnect(database.orElse(null)));
    }

    /** How many connections to the database, or to any, there are or are about to be. */
    int busy(Optional<String> database) {
        return machine.busy(database.orElse(null))
                + admission.asking(name -> database.map(name::equals).orElse(true));
    }

    /** Pauses the database and ends all of its connections, those of clients too. */
    void kill(String database) {
        pause(Optional.of(database));
        for (ClientSession session : List.copyOf(surroundings.loops().sessionsOf(loop))) {
            if (session instanceof PooledSession pooled
                    && pooled.tenancy().key().database().equals(database)) {
                pooled.dismiss(PoolRefusals.killed());
            }
        }
    }

    /** What there is on this loop. */
    Report report() {
        return LoopReport.of(this, surroundings.loops().sessionsOf(loop), now());
    }

    /** Asks Postgres to cancel; hears whether Postgres has closed the connection, and so has dealt with it, in time. */
    void cancel(Optional<String> leader, BackendKey key, Consumer<Boolean> over) {
        CancelConnection.begin(surroundings, loop, leader, key, over);
    }

    private void run(List<PoolEffect<Tenancy>> effects) {
        due.addAll(effects);
        if (running) {
            return;
        }
        running = true;
        try {
            while (!due.isEmpty()) {
                run(due.remove());
            }
        } finally {
            running = false;
        }
    }

    private void run(PoolEffect<Tenancy> effect) {
        switch (effect) {
            case PoolEffect.Open<Tenancy> open -> open(open.server(), open.key());
            case PoolEffect.Assign<Tenancy> assign -> assign(assign.server(), assign.client());
            case PoolEffect.Reset<Tenancy> reset -> reset(reset.server());
            case PoolEffect.Close<Tenancy> close -> {
                Held server = servers.remove(close.server());
                if (server != null) {
                    Farewell.close(server.connection().channel());
                }
            }
            case PoolEffect.Notify<Tenancy> notify -> notify.client().waitsForLong();
            case PoolEffect.Refuse<Tenancy> refuse -> refuse.client().refused(refuse.why());
        }
    }

    private void open(ServerId id, PoolKey key) {
        ScramKeys keys = secrets.get(key.at(Server.OF_THIS_POD));
        LeaseView view = surroundings.lease().view();
        if (keys == null) {
            run(machine.failed(id, Failure.FINAL, now()));
        } else if (key.server() == Server.OF_THIS_POD) {
            if (view.hasRoleAt(now())) {
                open(id, key, keys, Optional.empty(), new Standing(Caller.CLIENT, view));
            } else {
                run(machine.failed(id, Failure.PASSING, now()));
            }
        } else if (Route.toPrimary(view, now()) instanceof Route.Elsewhere(String leader)) {
            open(id, key, keys, Optional.of(leader), Standing.elsewhere(Caller.CLIENT));
        } else {
            run(machine.failed(id, Failure.PASSING, now()));
        }
    }

    private void open(ServerId id, PoolKey key, ScramKeys keys, Optional<String> leader, Standing standing) {
        BackendLogin.begin(
                surroundings,
                loop,
                leader,
                startup(key),
                keys,
                pooling.loginLimit(),
                result -> opened(id, key, standing, result));
    }

    private void opened(ServerId id, PoolKey key, Standing standing, BackendLogin.Result result) {
        switch (result) {
            case BackendLogin.Result.LoggedIn loggedIn -> add(id, key, loggedIn.connection(), standing);
            case BackendLogin.Result.Refused refused -> {
                long sqlState = ErrorFields.of(refused.error()).sqlState();
                notOpened(key, SqlState.text(sqlState));
                run(machine.failed(id, PASSING.contains(sqlState) ? Failure.PASSING : Failure.FINAL, now()));
            }
            case BackendLogin.Result.Failed failed -> {
                notOpened(key, failed.reason());
                run(machine.failed(id, Failure.PASSING, now()));
            }
        }
    }

    private static void notOpened(PoolKey key, String reason) {
        LOG.warn("server connection not opened database={} user={} reason={}", key.database(), key.user(), reason);
    }

    private void assign(ServerId id, Tenancy tenancy) {
        Held server = servers.get(id);
        if (server == null) {
            throw new IllegalStateException("no server connection has the number " + id.number());
        }
        tenancy.assigned(server.connection());
    }

    private void reset(ServerId id) {
        Held held = servers.get(id);
        if (held != null) {
            ServerConnection server = held.connection();
            server.run(RESET, well -> {
                server.statements().clear();
                if (well && server.isClean()) {
                    run(machine.opened(id, now()));
                } else {
                    run(machine.released(id, Condition.DIRTY, now()));
                }
            });
        }
    }

    /** The proxy ends. */
    void close() {
        List.copyOf(servers.values())
                .forEach(server -> Farewell.close(server.connection().channel()));
    }
}
