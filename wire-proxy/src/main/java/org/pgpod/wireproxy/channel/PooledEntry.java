package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.lease.Aim;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.lease.Census;
import org.pgpod.wireproxy.lease.Gate;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.pool.PoolKey;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.protocol.StartupParameters;
import org.pgpod.wireproxy.session.SessionWatch;
import org.pgpod.wireproxy.telemetry.RefusalReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that has proved its password, until it is let in as a {@link PooledSession}: the lease is asked, and Postgres,
 * whether the role may log in to the database. Confined to the client's event loop and to its login timer.
 */
final class PooledEntry implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(PooledEntry.class);
    private static final String APPLICATION_NAME = "application_name";

    private enum State {
        /** A switchover makes it wait. */
        WAITING,
        ASKING,
        OVER
    }

    private final Surroundings surroundings;
    private final Pooling pooling;
    private final Door door;
    private final Channel client;
    private final PoolKey key;
    private final ScramKeys keys;
    private final SessionWatch watch;
    private final String applicationName;
    private final Future<?> loginTimer;
    private final BiConsumer<ClientLeg, ByteBuf> elsewhere;
    private Aim aim = Aim.THIS_SERVER;
    private ByteBuf surplus;
    private State state = State.WAITING;
    private Standing standing = new Standing(Caller.CLIENT, LeaseView.UNSEEN);

    PooledEntry(
            Surroundings surroundings,
            Door door,
            Channel client,
            Asked asked,
            ByteBuf surplus,
            Future<?> loginTimer,
            BiConsumer<ClientLeg, ByteBuf> elsewhere) {
        this.surroundings = surroundings;
        this.pooling = door.pooling().orElseThrow();
        this.door = door;
        this.client = client;
        this.keys = asked.keys().orElseThrow();
        this.watch = asked.watch();
        this.surplus = surplus;
        this.loginTimer = loginTimer;
        this.elsewhere = elsewhere;
        Map<String, String> others = new LinkedHashMap<>(
                StartupParameters.read(asked.startupPacket()).values());
        String user = String.valueOf(others.remove("user"));
        String database = others.remove("database");
        String application = others.remove(APPLICATION_NAME);
        others.keySet().removeIf(name -> name.startsWith("_pq_.") || name.equals("replication"));
        this.key = new PoolKey(database == null || database.isEmpty() ? user : database, user, others);
        this.applicationName = application == null ? "" : application;
    }

    /** Asks the gate, then Postgres, and lets the client in, or refuses it. */
    void begin() {
        surroundings.loops().sessionsOf(client.eventLoop()).add(this);
        client.config().setAutoRead(false);
        Optional<FatalError> full = pooling.clientCaps().enter(key);
        if (full.isPresent()) {
            refuse(RefusalReason.TOO_MANY, full.get());
            return;
        }
        client.closeFuture().addListener(closed -> pooling.clientCaps().leave(key));
        ask();
    }

    private void ask() {
        LeaseView view = surroundings.lease().view();
        switch (Gate.decide(view, surroundings.lease().nowMillis(), Caller.CLIENT, aim)) {
            case Gate.Held held -> aim = aim.afterWaiting();
            case Gate.Elsewhere primary -> leave();
            case Gate.Refused refused -> refuse(refused.reason(), refused.error());
            case Gate.Admitted admitted -> {
                standing = new Standing(Caller.CLIENT, view);
                state = State.ASKING;
                pools().admission().enter(key, keys, this::answered);
            }
        }
    }

    /** The primary is in another pod, whose pools are not ours: the client goes there with a connection of its own. */
    private void leave() {
        ByteBuf more = surplus;
        surplus = Unpooled.EMPTY_BUFFER;
        end();
        elsewhere.accept(client.pipeline().get(ClientLeg.class), more);
    }

    private LoopPools pools() {
        return surroundings.loops().poolsOf(client.eventLoop());
    }

    private void answered(PoolAdmission.Entry entry) {
        if (state != State.ASKING) {
            return;
        }
        LeaseView view = surroundings.lease().view();
        if (standing.judge(view, surroundings.lease().nowMillis()) != Standing.Verdict.SERVE) {
            end();
            Farewell.sever(client);
            return;
        }
        switch (entry) {
            case PoolAdmission.Entry.Admitted admitted -> admit(admitted.settings());
            case PoolAdmission.Entry.Refused refused -> {
                surroundings.counters().refusals(RefusalReason.AUTHENTICATION).increment();
                end();
                Farewell.close(client, refused.error().duplicate());
            }
            case PoolAdmission.Entry.Disabled disabled ->
                refuse(RefusalReason.DISABLED, PoolRefusals.disabled(key.database()));
            case PoolAdmission.Entry.Failed failed -> {
                LOG.warn(
                        "login not possible database={} user={} reason={}",
                        key.database(),
                        key.user(),
                        failed.reason());
                refuse(RefusalReason.POSTGRES_DOWN, PoolRefusals.poolWithoutPostgres());
            }
        }
    }

    private void admit(Map<String, String> reported) {
        loginTimer.cancel(false);
        Map<String, String> settings = new LinkedHashMap<>(reported);
        if (!applicationName.isEmpty()) {
            settings.put(APPLICATION_NAME, applicationName);
        }
        ByteBuf more = surplus;
        surplus = Unpooled.EMPTY_BUFFER;
        end();
        PooledSession session = new PooledSession(surroundings, pooling, door, client, key, settings, standing, watch);
        client.pipeline().replace(ClientLeg.class, "client", new ClientLeg(session));
        session.begin(more);
    }

    private void refuse(RefusalReason reason, FatalError error) {
        surroundings.counters().refusals(reason).increment();
        end();
        Farewell.close(client, error);
    }

    private void end() {
        state = State.OVER;
        surroundings.loops().sessionsOf(client.eventLoop()).remove(this);
        surplus.release();
        surplus = Unpooled.EMPTY_BUFFER;
        client.config().setAutoRead(true);
    }

    @Override
    public void fromClient(ByteBuf bytes) {
        // Nothing is read before it is let in; what comes all the same comes from a client that has hung up.
        bytes.release();
    }

    @Override
    public void clientReadComplete() {}

    @Override
    public void clientWritabilityChanged() {}

    @Override
    public void clientGone() {
        if (state != State.OVER) {
            end();
        }
    }

    @Override
    public void review() {
        LeaseView view = surroundings.lease().view();
        if (state == State.WAITING) {
            if (Refusals.holdIsOver(view, surroundings.lease().nowMillis())) {
                refuse(RefusalReason.HOLD, Refusals.notReleasedInTime("57P03"));
            } else {
                ask();
            }
        }
    }

    @Override
    public void stop() {
        if (state != State.OVER) {
            refuse(RefusalReason.STOPPING, Refusals.stopping());
        }
    }

    @Override
    public Census census() {
        boolean holds = surroundings.lease().view().holdsAt(surroundings.lease().nowMillis());
        return new Census(1, 0, holds ? 1 : 0);
    }
}
