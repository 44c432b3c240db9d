package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.pool.PoolCounts;
import org.pgpod.wireproxy.pool.PoolEffect;
import org.pgpod.wireproxy.pool.PoolKey;
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

    /** For so long a role that Postgres has admitted is let in again with the same password. */
    private static final long ADMISSION_MILLIS = 1_000;

    private static final String RESET = "DISCARD ALL";

    /** Logins that fail so may succeed later: Postgres starts or stops, or has no room. */
    private static final Set<Long> PASSING = Set.of(
            SqlState.packed("57P03"), SqlState.packed("57P01"), SqlState.packed("57P02"), SqlState.packed("53300"));

    /** Whether a client may come in. */
    sealed interface Entry {
        /** Postgres lets the role in, and reports these settings. */
        record Admitted(Map<String, String> settings) implements Entry {}

        /** Postgres says why not: an ErrorResponse, which need not be released. */
        record Refused(ByteBuf error) implements Entry {}

        record Failed(String reason) implements Entry {}
    }

    private record Admission(ScramKeys keys, Entry.Admitted entry, long atMillis) {}

    private record Applicant(PoolKey key, ScramKeys keys) {}

    private final Surroundings surroundings;
    private final Pooling pooling;
    private final EventLoop loop;
    private final PoolMachine<Tenancy> machine;
    private final Map<ServerId, ServerConnection> servers = new HashMap<>();
    private final Map<PoolKey, ScramKeys> secrets = new HashMap<>();
    private final Map<PoolKey, Admission> admissions = new HashMap<>();
    private final Map<Applicant, List<Consumer<Entry>>> asking = new HashMap<>();
    private final ArrayDeque<PoolEffect<Tenancy>> due = new ArrayDeque<>();
    private boolean running;
    private LeaseView term;

    LoopPools(Surroundings surroundings, Pooling pooling, EventLoop loop) {
        this.surroundings = surroundings;
        this.pooling = pooling;
        this.loop = loop;
        this.machine = new PoolMachine<>(pooling.limits());
        this.term = surroundings.lease().view();
    }

    void start() {
        Wire.later(loop, this::tick, TICK_MILLIS);
    }

    private long now() {
        return surroundings.lease().nowMillis();
    }

    /** Has Postgres itself decide whether the role may log in; the connection is kept if its pool has room. */
    void enter(PoolKey key, ScramKeys keys, Consumer<Entry> listener) {
        Admission known = admissions.get(key);
        if (known != null && known.keys().equals(keys) && now() - known.atMillis() < ADMISSION_MILLIS) {
            listener.accept(known.entry());
            return;
        }
        List<Consumer<Entry>> listeners = asking.get(new Applicant(key, keys));
        if (listeners != null) {
            listeners.add(listener);
            return;
        }
        asking.put(new Applicant(key, keys), new ArrayList<>(List.of(listener)));
        BackendLogin.begin(
                surroundings,
                loop,
                startup(key),
                keys,
                pooling.loginLimit(),
                result -> entered(new Applicant(key, keys), result));
    }

    private void entered(Applicant applicant, BackendLogin.Result result) {
        Entry entry = switch (result) {
            case BackendLogin.Result.LoggedIn loggedIn -> {
                Entry.Admitted admitted =
                        new Entry.Admitted(loggedIn.connection().parameters());
                secrets.put(applicant.key(), applicant.keys());
                admissions.put(applicant.key(), new Admission(applicant.keys(), admitted, now()));
                keep(applicant.key(), loggedIn.connection());
                yield admitted;
            }
            case BackendLogin.Result.Refused refused -> new Entry.Refused(refused.error());
            case BackendLogin.Result.Failed failed -> new Entry.Failed(failed.reason());
        };
        List<Consumer<Entry>> listeners = asking.remove(applicant);
        if (listeners != null) {
            listeners.forEach(listener -> listener.accept(entry));
        }
    }

    private void keep(PoolKey key, BackendConnection connection) {
        Optional<ServerId> place = machine.adopt(key, now());
        if (place.isPresent()) {
            add(place.get(), connection);
        } else {
            Farewell.close(connection.channel());
        }
    }

    private static Map<String, String> startup(PoolKey key) {
        Map<String, String> startup = new LinkedHashMap<>();
        startup.put("user", key.user());
        startup.put("database", key.database());
        startup.putAll(key.parameters());
        return startup;
    }

    private void add(ServerId id, BackendConnection connection) {
        ServerConnection server = new ServerConnection(id, this, connection, pooling.statementsMax());
        servers.put(id, server);
        connection.channel().pipeline().addLast(server);
        connection.channel().config().setAutoRead(true);
        run(machine.opened(id, now()));
    }

    void request(Tenancy tenancy) {
        run(machine.request(tenancy, tenancy.key(), now()));
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
        if (term.hasRoleAt(now())) {
            run(machine.tick(now()));
        }
        admissions.values().removeIf(admission -> now() - admission.atMillis() >= ADMISSION_MILLIS);
    }

    /** Looks at the lease again: no server connection outlives the term in which it was opened. */
    void review() {
        LeaseView view = surroundings.lease().view();
        boolean another = view.role() != term.role() || view.epoch() != term.epoch();
        term = view;
        if (another || !view.hasRoleAt(now())) {
            admissions.clear();
            run(machine.reconnect(null));
        }
    }

    List<PoolCounts> counts() {
        return machine.counts(now());
    }

    /** Asks Postgres to cancel; hears whether Postgres has closed the connection, and so has dealt with it, in time. */
    void cancel(BackendKey key, Consumer<Boolean> over) {
        CancelConnection.begin(surroundings, loop, key, over);
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
                ServerConnection server = servers.remove(close.server());
                if (server != null) {
                    Farewell.close(server.channel());
                }
            }
            case PoolEffect.Notify<Tenancy> notify -> notify.client().waitsForLong();
            case PoolEffect.Refuse<Tenancy> refuse -> refuse.client().refused(refuse.why());
        }
    }

    private void open(ServerId id, PoolKey key) {
        ScramKeys keys = secrets.get(key);
        if (keys == null) {
            run(machine.failed(id, Failure.FINAL, now()));
            return;
        }
        BackendLogin.begin(
                surroundings, loop, startup(key), keys, pooling.loginLimit(), result -> opened(id, key, result));
    }

    private void opened(ServerId id, PoolKey key, BackendLogin.Result result) {
        switch (result) {
            case BackendLogin.Result.LoggedIn loggedIn -> add(id, loggedIn.connection());
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
        ServerConnection server = servers.get(id);
        if (server == null) {
            throw new IllegalStateException("no server connection has the number " + id.number());
        }
        tenancy.assigned(server);
    }

    private void reset(ServerId id) {
        ServerConnection server = servers.get(id);
        if (server != null) {
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
        List.copyOf(servers.values()).forEach(server -> Farewell.close(server.channel()));
    }
}
