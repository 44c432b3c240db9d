package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Map;
import org.pgpod.wireproxy.lease.Census;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.pool.PoolKey;
import org.pgpod.wireproxy.protocol.ExtendedMessages;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.protocol.Frontend;
import org.pgpod.wireproxy.protocol.MessageBuffer;
import org.pgpod.wireproxy.protocol.UnresolvedCommit;
import org.pgpod.wireproxy.session.ClientStatements;
import org.pgpod.wireproxy.session.Conversation;
import org.pgpod.wireproxy.session.Observers;
import org.pgpod.wireproxy.session.SessionWatch;
import org.pgpod.wireproxy.telemetry.Counters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client that the proxy has let in and that shares server connections with others. It has one from the first message
 * of a transaction until nothing it sent is unanswered and no transaction is open; in session mode, or once it has put
 * something into the session that only it may find, until it leaves. Towards the lease it stands as a {@link Session}
 * does. Confined to its event loop.
 */
final class PooledSession implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(PooledSession.class);

    /** Messages in flight after which the client is not read until Postgres has answered some. */
    private static final int IN_FLIGHT_MAX = 16_384;

    private final Surroundings surroundings;
    private final CancelKeys cancelKeys;
    private final Counters counters;
    private final Door door;
    private final Channel client;
    private final Outlook outlook;
    private final Conversation conversation;
    private final SessionWatch watch;
    private final Observers observers;
    private final MessageBuffer received;
    private final ClientMessages messages;
    private final Tenancy tenancy;
    private long cancelKey;

    /** Nothing passes any more; the last bytes may still leave. */
    private boolean closing;

    PooledSession(
            Surroundings surroundings,
            Pooling pooling,
            Door door,
            Channel client,
            PoolKey key,
            Map<String, String> settings,
            Standing standing,
            SessionWatch watch) {
        this.surroundings = surroundings;
        this.cancelKeys = pooling.cancelKeys();
        this.counters = surroundings.counters();
        this.door = door;
        this.client = client;
        this.outlook = new Outlook(surroundings, pooling, client, standing);
        this.conversation = new Conversation(counters);
        this.watch = watch;
        this.observers = new Observers(conversation, watch);
        this.received = new MessageBuffer(client.alloc());
        this.messages = new ClientMessages(this, pooling.mode(), received);
        LoopPools pools = surroundings.loops().poolsOf(client.eventLoop());
        this.tenancy = new Tenancy(this, surroundings, pools, key, settings, pooling.mode());
    }

    Channel client() {
        return client;
    }

    Outlook outlook() {
        return outlook;
    }

    SessionWatch watch() {
        return watch;
    }

    /** Who is told what passes. */
    Observers observers() {
        return observers;
    }

    ClientStatements statements() {
        return messages.statements();
    }

    Tenancy tenancy() {
        return tenancy;
    }

    /** Welcomes the client, and goes on with what it has sent already. */
    void begin(ByteBuf surplus) {
        surroundings.loops().sessionsOf(client.eventLoop()).add(this);
        counters.sessions(door.name()).increment();
        counters.active(door.name()).increment();
        cancelKey = cancelKeys.issue(this);
        Wire.write(client, ExtendedMessages.welcome(client.alloc(), tenancy.settings(), cancelKey));
        observers.authenticated();
        observers.readyForQuery((byte) 'I');
        flushClient();
        fromClient(surplus);
    }

    @Override
    public void fromClient(ByteBuf bytes) {
        if (closing) {
            bytes.release();
        } else {
            tenancy.traffic().received(bytes.readableBytes());
            received.add(bytes);
            goOn();
        }
    }

    /** Passes on what has come, as far as it may go. */
    void goOn() {
        boolean further = true;
        while (further && !closing && (tenancy.isNone() || tenancy.server() != null)) {
            further = messages.atBoundary() ? advance() : messages.passRest(tenancy.server());
        }
        ServerConnection to = tenancy.server();
        if (to != null) {
            to.channel().flush();
            if (messages.atBoundary()) {
                tenancy.endAtRest();
            }
        }
        adjustReading();
    }

    private boolean advance() {
        switch (messages.readiness()) {
            case COMPLETE -> {
                return messages.type() == Frontend.TERMINATE ? leave() : advanceMessage();
            }
            case INCOMPLETE -> {}
            case SENSELESS -> {
                end();
                Farewell.drop(client);
            }
            case UNKNOWN -> dismiss(PoolRefusals.unknownMessage(messages.type()));
            case TOO_LONG -> dismiss(PoolRefusals.messageTooLong());
        }
        return false;
    }

    private boolean leave() {
        end();
        Farewell.close(client);
        return false;
    }

    private boolean advanceMessage() {
        ServerConnection to = tenancy.server();
        return to == null ? advanceFromRest() : advanceServed(to);
    }

    private boolean advanceFromRest() {
        if (messages.isLate()) {
            messages.discard();
            return true;
        }
        if (isHeld()) {
            parked();
        } else if (served()) {
            outlook.next().ifPresentOrElse(this::request, this::parked);
        }
        return false;
    }

    private void request(PoolKey.Server server) {
        watch.serverWanted();
        tenancy.request(server);
    }

    private boolean advanceServed(ServerConnection to) {
        if (to.atRest() && isHeld()) {
            parked();
            return false;
        }
        boolean mustWait = to.pipeline().size() >= IN_FLIGHT_MAX || messages.mustWaitFor(to.pipeline());
        if (mustWait || !served()) {
            return false;
        }
        counters.messagesFromClients.increment();
        observers.clientMessage(messages.type());
        tenancy.traffic().asked();
        messages.pass(to);
        return true;
    }

    /** Whether a switchover keeps back what would begin a transaction. */
    boolean isHeld() {
        return surroundings.lease().view().holdsAt(surroundings.lease().nowMillis());
    }

    /** A message is kept back by a hold, or because no primary is known. */
    void parked() {
        counters.sessionsParked.increment();
    }

    /** Ends the session before the client can take a commit that no standby has confirmed for a success. */
    void commitUnresolved(ByteBuf notice) {
        LOG.warn("commit unresolved listener={} notice={}", door.name(), UnresolvedCommit.text(notice));
        observers.commitUnresolved();
        if (verdict() == Standing.Verdict.SEVER) {
            sever();
        } else {
            ByteBuf error = UnresolvedCommit.error(notice, client.alloc());
            end();
            Farewell.close(client, error);
        }
    }

    void toClient(ByteBuf bytes) {
        if (closing) {
            bytes.release();
        } else {
            tenancy.traffic().sent(bytes.readableBytes());
            outlook.wrote();
            Wire.write(client, bytes);
        }
    }

    void serverReadComplete() {
        flushClient();
        if (!closing) {
            goOn();
        }
    }

    private void flushClient() {
        if (!closing && served()) {
            client.flush();
            outlook.flushed();
        }
    }

    @Override
    public void clientReadComplete() {
        // The proxy may have answered something by itself.
        flushClient();
    }

    private Standing.Verdict verdict() {
        return outlook.verdict(tenancy.held());
    }

    /** Judges the session by the lease at this very moment; false when it has just ended. */
    private boolean served() {
        return switch (verdict()) {
            case SERVE -> true;
            case DISMISS -> {
                dismiss(Refusals.cut(surroundings.lease().view()));
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
        LeaseView view = surroundings.lease().view();
        long now = surroundings.lease().nowMillis();
        if (closing) {
            if (!outlook.mayBeTold()) {
                Farewell.sever(client);
            }
            return;
        }
        tenancy.leaveWhatHasEnded(view, now);
        if (served()) {
            if (tenancy.isQueuing() && view.holdsAt(now)) {
                tenancy.withdraw();
                parked();
            } else if (tenancy.held() == null && outlook.isHopeless()) {
                dismiss(PoolRefusals.noPrimaryInTime());
            } else if (Refusals.holdIsOver(view, now) && isParked()) {
                dismiss(Refusals.notReleasedInTime("57P01"));
            } else {
                goOn();
            }
        }
    }

    /** Whether a message that could go on, but for a hold, is kept back at a transaction boundary. */
    private boolean isParked() {
        ServerConnection at = tenancy.server();
        boolean atBoundary = at == null ? tenancy.isNone() : at.atRest();
        return atBoundary && messages.atBoundary() && messages.readiness() == ClientMessages.Readiness.COMPLETE;
    }

    /** Reads the client only while what it sends can go on. */
    void adjustReading() {
        ServerConnection to = tenancy.server();
        boolean room = to == null ? tenancy.isNone() : to.channel().isWritable();
        boolean wanted = !messages.areWaiting() || messages.readiness() == ClientMessages.Readiness.INCOMPLETE;
        client.config().setAutoRead(closing || (room && wanted));
    }

    @Override
    public void clientWritabilityChanged() {
        ServerConnection from = tenancy.server();
        if (from != null) {
            from.channel().config().setAutoRead(client.isWritable());
        }
    }

    /** Ends the session with an error where the client can understand one, otherwise by closing the connection. */
    void dismiss(FatalError error) {
        counters.sessionsDismissed.increment();
        ServerConnection at = tenancy.server();
        boolean between = at == null || at.betweenMessages();
        if (tenancy.held() == null) {
            outlook.endsAtRest();
        }
        end();
        if (between) {
            Farewell.close(client, error);
        } else {
            Farewell.close(client);
        }
    }

    private void sever() {
        counters.sessionsFenced.increment();
        end();
        Farewell.sever(client);
    }

    private void end() {
        closing = true;
        tenancy.end(messages.atBoundary() && verdict() == Standing.Verdict.SERVE);
        client.config().setAutoRead(true);
    }

    /** The server connection has ended; {@code busy} says that it had not answered everything. */
    void serverGone(boolean busy) {
        if (!closing && tenancy.serverGone() && served()) {
            end();
            if (busy) {
                // Postgres itself said why, unless it was killed; in the middle of work only silence is true.
                Farewell.close(client);
            } else {
                Farewell.close(client, Refusals.postgresEnded());
            }
        }
    }

    @Override
    public void stop() {
        if (closing) {
            Farewell.drop(client);
        } else {
            dismiss(Refusals.stopping());
        }
    }

    @Override
    public void clientGone() {
        if (!closing) {
            end();
        }
        received.release();
        cancelKeys.withdraw(cancelKey);
        if (surroundings.loops().sessionsOf(client.eventLoop()).remove(this)) {
            counters.active(door.name()).decrement();
            conversation.ended();
            watch.ended();
        }
    }

    @Override
    public Census census() {
        if (closing) {
            return Census.EMPTY;
        }
        ServerConnection at = tenancy.server();
        if (at != null && at.standing().isElsewhere()) {
            return Census.EMPTY;
        }
        boolean working = tenancy.isWorking() || !messages.atBoundary();
        return new Census(1, working ? 1 : 0, isHeld() && !working ? 1 : 0);
    }
}
