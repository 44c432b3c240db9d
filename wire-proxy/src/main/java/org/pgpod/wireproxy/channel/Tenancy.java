package org.pgpod.wireproxy.channel;

import io.netty.channel.Channel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.lease.Standing.Verdict;
import org.pgpod.wireproxy.pool.PoolEffect;
import org.pgpod.wireproxy.pool.PoolKey;
import org.pgpod.wireproxy.pool.PoolMachine.Condition;
import org.pgpod.wireproxy.protocol.ExtendedMessages;
import org.pgpod.wireproxy.session.Attachment;
import org.pgpod.wireproxy.session.ReportedSettings;
import org.pgpod.wireproxy.session.StatementEffect;
import org.pgpod.wireproxy.telemetry.Counters;

/**
 * How one session comes by a server connection and gives it back. A connection is handed over with the settings that
 * Postgres last reported to the client, and is given back for others to use only if nothing of this client can be found
 * there. Confined to the session's event loop.
 */
final class Tenancy {
    private enum State {
        NONE,
        /** It waits for a server connection. */
        QUEUING,
        /** Its settings are made at the server connection. */
        SETTLING,
        SERVED
    }

    private final PooledSession session;
    private final LoopPools pools;
    private final PoolKey key;
    private final Map<String, String> settings;
    private final Attachment attachment;
    private final Counters counters;
    private final ClientTraffic traffic;
    private State state = State.NONE;
    private @Nullable ServerConnection server;
    private PoolKey wanted;

    Tenancy(
            PooledSession session,
            Surroundings surroundings,
            LoopPools pools,
            PoolKey key,
            Map<String, String> settings,
            PoolMode mode) {
        this.session = session;
        this.pools = pools;
        this.key = key;
        this.wanted = key;
        this.settings = new LinkedHashMap<>(settings);
        this.attachment = mode == PoolMode.SESSION ? Attachment.ofSession() : Attachment.ofTransaction();
        this.counters = surroundings.counters();
        this.traffic = new ClientTraffic(
                pools.traffic().of(key.database()),
                counters,
                surroundings.watching().nanoClock());
    }

    PoolKey key() {
        return key;
    }

    /** The pool that it asks, which is not always that of this pod's server. */
    PoolKey wanted() {
        return wanted;
    }

    /** The connection that is its own, also while its settings are made there; null if there is none. */
    @Nullable
    ServerConnection held() {
        return server;
    }

    /** What counts its doings. */
    ClientTraffic traffic() {
        return traffic;
    }

    /** The settings that the client knows of. */
    Map<String, String> settings() {
        return settings;
    }

    /** The connection that serves it now; null if there is none. */
    @Nullable
    ServerConnection server() {
        return state == State.SERVED ? server : null;
    }

    /** Whether it has no connection and waits for none. */
    boolean isNone() {
        return state == State.NONE;
    }

    boolean isQueuing() {
        return state == State.QUEUING;
    }

    boolean isSettling() {
        return state == State.SETTLING;
    }

    /** Whether something is under way at its server connection. */
    boolean isWorking() {
        ServerConnection at = server();
        return state == State.SETTLING || (at != null && !at.atRest());
    }

    /** Asks for a connection to this server; {@link #assigned} follows, perhaps at once. */
    void request(PoolKey.Server at) {
        wanted = key.at(at);
        request();
    }

    private void request() {
        state = State.QUEUING;
        traffic.serverWanted();
        pools.request(this);
    }

    /** Asks no longer. */
    void withdraw() {
        if (state == State.QUEUING) {
            state = State.NONE;
            pools.withdraw(this);
        }
    }

    /** This connection is its own now. */
    void assigned(ServerConnection given) {
        if (state != State.QUEUING || session.isHeld()) {
            boolean parked = state == State.QUEUING;
            state = State.NONE;
            pools.released(given, Condition.CLEAN);
            if (parked) {
                session.parked();
            }
            return;
        }
        if (session.outlook().verdict(given) != Verdict.SERVE) {
            // The term in which it was opened has just ended: not the client's, which has nothing there yet.
            state = State.NONE;
            pools.released(given, Condition.DIRTY);
            session.goOn();
            return;
        }
        server = given;
        if (session.outlook().reached(given)) {
            counters.sessionsMoved.increment();
        }
        given.serve(session);
        Map<String, String> different = ReportedSettings.difference(settings, given.settings());
        if (different.isEmpty()) {
            begin();
            return;
        }
        state = State.SETTLING;
        Optional<String> sql = ReportedSettings.statement(different);
        if (sql.isPresent()) {
            given.run(sql.get(), this::settled);
        } else {
            session.dismiss(PoolRefusals.settingsNotMade());
        }
    }

    private void settled(boolean well) {
        if (state == State.SETTLING) {
            if (well) {
                begin();
            } else {
                session.dismiss(PoolRefusals.settingsNotMade());
            }
        }
    }

    private void begin() {
        state = State.SERVED;
        session.watch().serverReached();
        traffic.serverReached();
        // The client may still have to take what the last connection had for it.
        session.clientWritabilityChanged();
        session.goOn();
    }

    void waitsForLong() {
        Channel client = session.client();
        Wire.write(
                client,
                ExtendedMessages.notice(
                        client.alloc(), "00000", "no server connection of the proxy is free, waiting for one"));
        session.clientReadComplete();
    }

    void refused(PoolEffect.Refusal why) {
        if (state == State.QUEUING) {
            state = State.NONE;
            session.dismiss(PoolRefusals.noServerConnection(why));
        }
    }

    /** Gives the connection back if the client has nothing in flight, no transaction and nothing to keep. */
    void endAtRest() {
        ServerConnection held = server();
        if (held != null && !attachment.isPinned() && held.atRest()) {
            attachment.ended();
            give(held, held.isClean() ? Condition.CLEAN : Condition.DIRTY);
        }
    }

    /** Gives up what cannot serve any more before it has served: its place in a queue, a connection whose term is over. */
    void leaveWhatHasEnded(LeaseView view, long nowMillis) {
        ServerConnection held = server;
        if (state == State.SETTLING && held != null && held.standing().judge(view, nowMillis) != Verdict.SERVE) {
            give(held, Condition.DIRTY);
        } else if (!session.outlook().next().equals(Optional.of(wanted.server()))) {
            withdraw();
        }
    }

    /** The client leaves; {@code quiet} says that it stands between two messages and nothing is doubtful. */
    void end(boolean quiet) {
        withdraw();
        ServerConnection held = server;
        if (held != null) {
            boolean reusable = quiet && state == State.SERVED && held.isClean();
            Condition rested = attachment.isPinned() ? Condition.NEEDS_RESET : Condition.CLEAN;
            give(held, reusable ? rested : Condition.DIRTY);
        }
    }

    private void give(ServerConnection held, Condition condition) {
        state = State.NONE;
        server = null;
        held.leave();
        pools.released(held, condition);
    }

    /** The connection has ended by itself; false if the client need not know, because another one will do. */
    boolean serverGone() {
        server = null;
        boolean settling = state == State.SETTLING;
        state = State.NONE;
        if (settling) {
            session.goOn();
        }
        return !settling;
    }

    /** What the client's next message will do. */
    void affects(StatementEffect effect) {
        boolean before = attachment.isPinned();
        attachment.affects(effect);
        countPin(before);
    }

    /** A command of the client is complete. */
    void completed(String tag) {
        boolean before = attachment.isPinned();
        Attachment.Consequence consequence = attachment.completed(tag);
        countPin(before);
        ServerConnection at = server;
        if (at != null && consequence == Attachment.Consequence.STATEMENTS_UNKNOWN) {
            at.retire();
        } else if (at != null && consequence == Attachment.Consequence.NO_STATEMENTS) {
            at.statements().retain(at.pipeline());
            session.statements().retain(at.pipeline());
        }
    }

    /** Cancels what this client has in flight, if it has anything; calls {@code done} when that is over. */
    void cancel(Runnable done) {
        ServerConnection at = server();
        if (at == null) {
            done.run();
        } else {
            at.cancel(done);
        }
    }

    private void countPin(boolean before) {
        if (!before && attachment.isPinned()) {
            counters.sessionsPinned.increment();
        }
    }
}
