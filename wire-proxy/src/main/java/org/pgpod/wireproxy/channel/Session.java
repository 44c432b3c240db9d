package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Optional;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.lease.Census;
import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.protocol.BackendWalker;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.protocol.FrontendWalker;
import org.pgpod.wireproxy.protocol.UnresolvedCommit;
import org.pgpod.wireproxy.session.Conversation;
import org.pgpod.wireproxy.session.Observers;
import org.pgpod.wireproxy.session.SessionWatch;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.RefusalReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client and its connection to Postgres, from the startup packet on. Bytes pass unchanged in both directions, up to
 * the notice of an unresolved commit; a leg is not read while the other cannot take more; nothing that was read from
 * Postgres is written to the client without asking the lease in between. Confined to one event loop, which both legs
 * share.
 */
final class Session implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private enum State {
        /** A switchover makes it wait before it reaches Postgres. */
        WAITING,
        CONNECTING,
        RELAYING,
        /** Nothing is relayed any more; the last bytes may still leave. */
        CLOSING
    }

    private final Surroundings surroundings;
    private final Counters counters;
    private final Door door;
    private final Caller caller;
    private final Channel client;
    private final Optional<ScramKeys> keys;
    private final Future<?> loginTimer;
    private final Destination destination;
    private final Conversation conversation;
    private final FrontendWalker clientMessages;
    private final BackendWalker postgresMessages;
    private final NoticeHold noticeHold;
    private final SessionWatch watch;
    private final Tenure tenure;
    private final SessionAccount account;

    private final HeldBack heldBack;

    private State state = State.WAITING;
    private @Nullable Channel postgres;
    private final LoginAllowance beforeLogin = new LoginAllowance();

    Session(Surroundings surroundings, Door door, Channel client, Asked asked, Future<?> loginTimer) {
        this.surroundings = surroundings;
        this.counters = surroundings.counters();
        this.door = door;
        this.caller = asked.caller();
        this.client = client;
        this.keys = asked.keys();
        this.watch = asked.watch();
        this.loginTimer = loginTimer;
        this.destination = new Destination(surroundings, client, asked, this);
        this.conversation = new Conversation(counters);
        Observers observers = new Observers(conversation, watch);
        this.clientMessages = watch.wantsTexts() ? FrontendWalker.capturing(observers) : new FrontendWalker(observers);
        this.postgresMessages = caller.awaitsCommits()
                ? BackendWalker.watchingCommits(observers)
                : BackendWalker.passingNotices(observers);
        this.noticeHold = new NoticeHold(postgresMessages);
        this.tenure = new Tenure(surroundings.lease(), caller);
        this.account = new SessionAccount(counters, door.name(), conversation, watch);
        this.heldBack = new HeldBack(surroundings.waiting());
        heldBack.add(asked.startupPacket());
    }

    /** Asks the gate and connects, waits, or refuses. */
    void begin() {
        surroundings.loops().sessionsOf(client.eventLoop()).add(this);
        client.config().setAutoRead(false);
        watch.serverWanted();
        if (heldBack.fits()) {
            ask();
        } else {
            refuse(RefusalReason.TOO_MUCH_WAITS, Refusals.tooMuchWaits());
        }
    }

    private void ask() {
        switch (destination.course()) {
            case Course.Wait wait -> {}
            case Course.Refuse refused -> refuse(refused.reason(), refused.error());
            case Course.Here here -> {
                state = State.CONNECTING;
                tenure.begin(here.standing(), here.stay());
                destination.connectHere(heldBack.first());
            }
            case Course.Elsewhere elsewhere -> {
                state = State.CONNECTING;
                tenure.begin(elsewhere.standing(), elsewhere.stay());
                destination.connectTo(elsewhere, heldBack.first());
            }
        }
    }

    void connected(Channel channel) {
        if (state != State.CONNECTING) {
            Wire.close(channel);
            return;
        }
        postgres = channel;
        state = State.RELAYING;
        account.begun(tenure);
        // The startup packet has no type byte and is not a message to the walker. With keys it has been sent already.
        ByteBuf packet = heldBack.remove();
        if (keys.isPresent()) {
            packet.release();
        } else {
            account.fromClient(0, packet);
            Wire.write(channel, packet);
        }
        release(channel);
    }

    void unreachable(RefusalReason reason, FatalError error) {
        if (state == State.CONNECTING && tenure.mayTryAnother()) {
            ask();
        } else if (state == State.CONNECTING) {
            refuse(reason, error);
        }
    }

    private void refuse(RefusalReason reason, FatalError error) {
        counters.refusals(reason).increment();
        state = State.CLOSING;
        Farewell.close(client, error);
    }

    @Override
    public void fromClient(ByteBuf bytes) {
        Channel to = postgres;
        if (state == State.CLOSING || isTooMuchBeforeLogin(bytes)) {
            bytes.release();
        } else if (to == null || !heldBack.isEmpty() || isHeld()) {
            holdBack(bytes);
        } else if (served() && !ended()) {
            relay(to, bytes);
        } else {
            bytes.release();
        }
    }

    /** Ends a stay that is over, if the session stands between two transactions; false if it goes on. */
    private boolean ended() {
        boolean rests = conversation.atRest() && clientMessages.atBoundary() && postgresMessages.atBoundary();
        Optional<FatalError> end = rests ? tenure.end() : Optional.empty();
        end.ifPresent(this::dismiss);
        if (rests && end.isEmpty()) {
            tenure.rests(client);
        }
        return end.isPresent();
    }

    private boolean isTooMuchBeforeLogin(ByteBuf bytes) {
        return !conversation.isAuthenticated() && beforeLogin.isExceededBy(bytes, client, counters);
    }

    private void relay(Channel to, ByteBuf bytes) {
        account.fromClient(clientMessages.walk(bytes), bytes);
        Wire.write(to, bytes);
    }

    private void holdBack(ByteBuf bytes) {
        if (state == State.RELAYING && heldBack.isEmpty()) {
            counters.sessionsParked.increment();
        }
        if (heldBack.add(bytes)) {
            adjustReading();
        } else if (state == State.RELAYING) {
            dismiss(Refusals.tooMuchWaits());
        } else {
            refuse(RefusalReason.TOO_MUCH_WAITS, Refusals.tooMuchWaits());
        }
    }

    private boolean isHeld() {
        return caller.isParked() && !tenure.isElsewhere() && tenure.holds() && atBoundary();
    }

    /** Whether it stands between two transactions. */
    private boolean atBoundary() {
        return clientMessages.atBoundary() && conversation.atTransactionBoundary();
    }

    @Override
    public void clientReadComplete() {
        if (postgres != null && state == State.RELAYING) {
            postgres.flush();
        }
    }

    void fromPostgres(ByteBuf bytes) {
        if (state != State.RELAYING) {
            bytes.release();
            return;
        }
        account.fromPostgres(postgresMessages.walk(bytes), bytes);
        noticeHold.pass(bytes, client);
        if (postgresMessages.stopped()) {
            commitUnresolved();
        }
    }

    /** Ends the session before the client can take a commit that no standby has confirmed for a success. */
    private void commitUnresolved() {
        LOG.warn("commit unresolved listener={} notice={}", door.name(), UnresolvedCommit.text(noticeHold.kept()));
        if (tenure.verdict() == Standing.Verdict.SEVER) {
            sever();
        } else {
            state = State.CLOSING;
            adjustReading();
            Farewell.close(client, UnresolvedCommit.error(noticeHold.kept(), client.alloc()));
            if (postgres != null) {
                Wire.close(postgres);
            }
        }
    }

    void postgresReadComplete() {
        if (state != State.RELAYING || !served()) {
            return;
        }
        client.flush();
        if (ended()) {
            return;
        }
        if (!loginTimer.isDone() && conversation.isAuthenticated()) {
            loginTimer.cancel(false);
        }
    }

    /** Judges the session by the lease at this very moment; false when it has just ended. */
    private boolean served() {
        return switch (tenure.verdict()) {
            case SERVE -> true;
            case DISMISS -> {
                dismiss(Refusals.cut(tenure.view()));
                yield false;
            }
            case SEVER -> {
                sever();
                yield false;
            }
        };
    }

    @Override
    public void review() {
        switch (state) {
            case WAITING -> {
                if (tenure.isHoldOver()) {
                    refuse(RefusalReason.HOLD, Refusals.notReleasedInTime("57P03"));
                } else {
                    ask();
                }
            }
            case CONNECTING -> {}
            case RELAYING -> {
                if (served() && !ended() && !heldBack.isEmpty() && postgres != null && !tenure.holds()) {
                    if (tenure.isHoldOver()) {
                        dismiss(Refusals.notReleasedInTime("57P01"));
                    } else {
                        release(postgres);
                    }
                }
            }
            case CLOSING -> {
                if (!tenure.mayBeTold()) {
                    Farewell.sever(client);
                }
            }
        }
    }

    private void release(Channel to) {
        while (!heldBack.isEmpty()) {
            relay(to, heldBack.remove());
        }
        to.flush();
        adjustReading();
    }

    private void adjustReading() {
        boolean wanted = state == State.CLOSING || (postgres != null && heldBack.isEmpty() && postgres.isWritable());
        client.config().setAutoRead(wanted);
    }

    @Override
    public void clientWritabilityChanged() {
        if (postgres != null && state == State.RELAYING) {
            postgres.config().setAutoRead(client.isWritable());
        }
    }

    void postgresWritabilityChanged() {
        if (state == State.RELAYING) {
            adjustReading();
        }
    }

    /** Ends the session with an error where the client can understand one, otherwise by closing the connection. */
    private void dismiss(FatalError error) {
        counters.sessionsDismissed.increment();
        state = State.CLOSING;
        farewell(Optional.of(error));
        if (postgres != null) {
            Wire.close(postgres);
        }
    }

    private void farewell(Optional<FatalError> error) {
        adjustReading();
        if (error.isPresent() && postgresMessages.atBoundary()) {
            Farewell.close(client, error.get());
        } else {
            Farewell.close(client);
        }
    }

    private void sever() {
        counters.sessionsFenced.increment();
        state = State.CLOSING;
        Farewell.sever(client);
        if (postgres != null) {
            Farewell.drop(postgres);
        }
    }

    @Override
    public void stop() {
        switch (state) {
            case WAITING, CONNECTING -> refuse(RefusalReason.STOPPING, Refusals.stopping());
            case RELAYING -> dismiss(Refusals.stopping());
            case CLOSING -> Farewell.drop(client);
        }
    }

    void postgresGone() {
        if (state == State.RELAYING && served()) {
            state = State.CLOSING;
            // Postgres itself said why, unless it was killed; in the middle of work only silence is true.
            boolean silent = conversation.isTerminated() || !conversation.atRest() || !clientMessages.atBoundary();
            farewell(silent ? Optional.empty() : Optional.of(Refusals.postgresEnded()));
        }
        endIfOver();
    }

    @Override
    public void clientGone() {
        if (state != State.CLOSING && postgres != null) {
            // What the client sent before it left still counts, and Postgres must not wait for a reader meanwhile.
            postgres.config().setAutoRead(true);
            Farewell.close(postgres);
        }
        state = State.CLOSING;
        heldBack.release();
        noticeHold.release();
        endIfOver();
    }

    private void endIfOver() {
        boolean over = !client.isActive() && (postgres == null || !postgres.isActive());
        if (over && surroundings.loops().sessionsOf(client.eventLoop()).remove(this)) {
            account.over();
        }
    }

    @Override
    public Census census() {
        if (!caller.isCounted() || tenure.isElsewhere() || state == State.CLOSING) {
            return Census.EMPTY;
        }
        boolean known = state == State.RELAYING && caller.isHeld() && conversation.isAuthenticated();
        boolean working = known && (!atBoundary() || tenure.isLeaving());
        boolean stops = caller.isHeld() && !working && (state == State.WAITING || conversation.isAuthenticated());
        return new Census(1, working ? 1 : 0, tenure.holds() && stops ? 1 : 0);
    }
}
