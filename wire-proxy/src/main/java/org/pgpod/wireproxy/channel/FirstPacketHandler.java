package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.pgpod.wireproxy.lease.Aim;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.lease.Gate;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.protocol.ExtendedMessages;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.protocol.FirstPacket;
import org.pgpod.wireproxy.protocol.NamedStartup;
import org.pgpod.wireproxy.protocol.Replication;
import org.pgpod.wireproxy.protocol.StartupMessage;
import org.pgpod.wireproxy.protocol.StartupParameters;
import org.pgpod.wireproxy.session.SessionWatch;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.ListenerName;
import org.pgpod.wireproxy.telemetry.RefusalReason;
import org.pgpod.wireproxy.telemetry.Who;
import org.pgpod.wireproxy.tls.PeerProtocol;
import org.pgpod.wireproxy.tls.ServerTls;

/**
 * Speaks with a client until its startup packet is there: answers requests for encryption, shakes hands, hands over to a
 * {@link Session} or a {@link CancelRelay}. At most one first packet is kept in memory, and the login timer runs from the
 * first moment.
 */
final class FirstPacketHandler extends ChannelInboundHandlerAdapter {
    private static final int ACCEPTED = 'S';
    private static final int DECLINED = 'N';

    private final Surroundings surroundings;
    private final Door door;
    private final Seat seat;
    private ByteBuf received = Unpooled.EMPTY_BUFFER;
    private Future<?> loginTimer = CompletableFuture.completedFuture(null);
    private long handshakeNanos;
    private boolean tlsAnswered;
    private boolean gssAnswered;
    private boolean encrypted;
    private boolean direct;
    private boolean done;

    FirstPacketHandler(Surroundings surroundings, Door door, Seat seat) {
        this.surroundings = surroundings;
        this.door = door;
        this.seat = seat;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        loginTimer = context.channel()
                .eventLoop()
                .schedule(
                        () -> {
                            surroundings
                                    .counters()
                                    .refusals(RefusalReason.LOGIN_TIMEOUT)
                                    .increment();
                            Farewell.drop(context.channel());
                        },
                        surroundings.loginTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        context.channel().closeFuture().addListener(closed -> loginTimer.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (done) {
            bytes.release();
            return;
        }
        if (received.isReadable()) {
            received.writeBytes(bytes);
            bytes.release();
        } else {
            received.release();
            received = bytes;
        }
        if (!encrypted
                && !tlsAnswered
                && !gssAnswered
                && received.getByte(received.readerIndex()) == FirstPacket.TLS_HANDSHAKE) {
            beginDirectTls(context);
        } else {
            handle(context, FirstPacket.read(received));
        }
    }

    private void handle(ChannelHandlerContext context, FirstPacket packet) {
        switch (packet) {
            case FirstPacket.Incomplete incomplete -> {}
            case FirstPacket.Senseless senseless -> drop(context, RefusalReason.MALFORMED);
            case FirstPacket.Wrong wrong -> refuse(context, RefusalReason.MALFORMED, wrong.error());
            case FirstPacket.TlsRequest request -> answerTlsRequest(context, request);
            case FirstPacket.GssRequest request -> answerGssRequest(context, request);
            case FirstPacket.Cancel cancel -> relayCancel(context, cancel);
            case FirstPacket.Startup startup -> startSession(context, startup);
        }
    }

    private void answerTlsRequest(ChannelHandlerContext context, FirstPacket.TlsRequest request) {
        if (encrypted || tlsAnswered) {
            refuse(context, RefusalReason.MALFORMED, FatalError.encryptionAskedAgain(request));
        } else if (nothingFollowsRequest(context)) {
            tlsAnswered = true;
            answer(context, door.tls().isPresent() ? ACCEPTED : DECLINED);
            door.tls().ifPresent(tls -> encrypt(context, tls));
        }
    }

    private void answerGssRequest(ChannelHandlerContext context, FirstPacket.GssRequest request) {
        if (encrypted || gssAnswered) {
            refuse(context, RefusalReason.MALFORMED, FatalError.encryptionAskedAgain(request));
        } else if (nothingFollowsRequest(context)) {
            gssAnswered = true;
            answer(context, DECLINED);
        }
    }

    // Bytes that somebody in the middle put behind the request must never be taken for what was said under TLS.
    private boolean nothingFollowsRequest(ChannelHandlerContext context) {
        if (received.readableBytes() > FirstPacket.LENGTH_MIN) {
            drop(context, RefusalReason.UNENCRYPTED_BYTES);
            return false;
        }
        received.release();
        received = Unpooled.EMPTY_BUFFER;
        return true;
    }

    private static void answer(ChannelHandlerContext context, int letter) {
        Wire.writeAndFlush(context.channel(), context.alloc().buffer(1).writeByte(letter));
    }

    private void beginDirectTls(ChannelHandlerContext context) {
        if (door.tls().isEmpty()) {
            drop(context, RefusalReason.MALFORMED);
            return;
        }
        direct = true;
        ByteBuf hello = received;
        received = Unpooled.EMPTY_BUFFER;
        encrypt(context, door.tls().get());
        context.pipeline().fireChannelRead(hello);
    }

    private void encrypt(ChannelHandlerContext context, ServerTls tls) {
        encrypted = true;
        handshakeNanos = surroundings.watching().nanoClock().getAsLong();
        context.pipeline().addFirst("tls", tls.handler(context.alloc(), surroundings.loginTimeout()));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            var counter = handshake.isSuccess()
                    ? surroundings.counters().tlsHandshakes
                    : surroundings.counters().tlsHandshakesFailed;
            counter.increment();
            if (handshake.isSuccess()) {
                long now = surroundings.watching().nanoClock().getAsLong();
                surroundings.watching().durations().tlsHandshake(now - handshakeNanos);
            }
            // Postgres, too, asks for the name, so that another protocol's client cannot be led to a Postgres port.
            if (direct && Handshake.protocolName(context).isEmpty()) {
                drop(context, RefusalReason.MALFORMED);
            }
        }
        context.fireUserEventTriggered(event);
    }

    private void relayCancel(ChannelHandlerContext context, FirstPacket.Cancel cancel) {
        boolean allowed = encrypted || door.name() != ListenerName.PEERS;
        if (allowed) {
            // libpq sends cancel requests without TLS even for a session with TLS.
            ByteBuf request = received.readRetainedSlice(cancel.length());
            done = true;
            boolean pooled = door.pooling().isPresent() && CancelKeys.mayBeOurs(request);
            context.pipeline()
                    .replace(
                            this,
                            "cancel",
                            pooled
                                    ? new PooledCancel(
                                            surroundings, door.pooling().get().cancelKeys(), request)
                                    : new CancelRelay(surroundings, door, request));
        } else {
            drop(context, RefusalReason.TLS_REQUIRED);
        }
    }

    private void startSession(ChannelHandlerContext context, FirstPacket.Startup startup) {
        if (door.encryption() == Door.Encryption.REQUIRED && !encrypted) {
            refuse(context, RefusalReason.TLS_REQUIRED, Refusals.tlsRequired());
            return;
        }
        Optional<FatalError> unfit = Handshake.refusal(
                context, door.certificates(), startup.message().user());
        if (unfit.isPresent()) {
            refuse(context, RefusalReason.CERTIFICATE, unfit.get());
            return;
        }
        boolean forwarded = door.name() == ListenerName.PEERS && !PeerRoles.serves(startup.message());
        if (forwarded) {
            // Clients of other pods must not take the places of those who replicate from here.
            door.forwardedLimit().ifPresent(seat::move);
        }
        if (seat.place() != ConnectionLimit.Place.FREE) {
            refuse(context, RefusalReason.TOO_MANY, Refusals.tooMany());
        } else {
            begin(context, startup, forwarded);
        }
    }

    private void begin(ChannelHandlerContext context, FirstPacket.Startup startup, boolean forwarded) {
        PeerProtocol protocol = forwarded ? PeerProtocol.of(Handshake.protocolName(context)) : PeerProtocol.PLAIN;
        Caller caller = caller(startup.message(), forwarded, protocol);
        Aim forwardedTo = protocol == PeerProtocol.STANDBY ? Aim.STANDBY_HERE : Aim.PRIMARY_HERE;
        Aim aim = forwarded ? forwardedTo : door.aim();
        ByteBuf packet = named(context, caller, received.readRetainedSlice(startup.length()));
        SessionWatch watch = watch(context, startup.message());
        if (door.logins().isPresent()) {
            // On the heap, where nobody has to release it if the client fails to log in.
            ByteBuf kept = Unpooled.copiedBuffer(packet);
            packet.release();
            Asked asked = new Asked(caller, aim, kept, Optional.empty(), watch);
            authenticate(context, startup.message().user(), asked, door.logins().get());
        } else {
            open(context, this, new Asked(caller, aim, packet, Optional.empty(), watch), handOver());
        }
    }

    private ByteBuf handOver() {
        ByteBuf more = received;
        received = Unpooled.EMPTY_BUFFER;
        done = true;
        return more;
    }

    private void authenticate(ChannelHandlerContext context, String role, Asked asked, ScramLogins logins) {
        LeaseView view = surroundings.lease().view();
        long now = surroundings.lease().nowMillis();
        if (role.isEmpty()) {
            refuse(context, RefusalReason.MALFORMED, LoginRefusals.noRole());
        } else if (console(asked).isEmpty()
                && Gate.decide(view, now, asked.caller(), asked.aim()) instanceof Gate.Refused refused) {
            // Postgres may be down or behind, and need not be asked.
            refuse(context, refused.reason(), refused.error());
        } else {
            ByteBuf more = handOver();
            negotiate(context, asked);
            FrontendLogin login = new FrontendLogin(logins, surroundings.counters(), role, Handshake.binding(context));
            login.take(more);
            login.whenAdmitted((keys, surplus) -> open(context, login, asked.authenticated(keys), surplus));
            context.pipeline().replace(this, "login", login);
        }
    }

    /** The admin database, if that is what is asked for; it is there whatever the lease says. */
    private Optional<Console> console(Asked asked) {
        boolean plain = asked.caller() == Caller.CLIENT;
        return door.console()
                .filter(own ->
                        plain && own.database().equals(asked.watch().who().database()));
    }

    private boolean isPooled(Asked asked) {
        return door.pooling().isPresent() && asked.caller() == Caller.CLIENT;
    }

    /** Tells a client whose packet Postgres does not get that it asks for more than is spoken. */
    private void negotiate(ChannelHandlerContext context, Asked asked) {
        StartupParameters parameters = StartupParameters.read(asked.startupPacket());
        if (isPooled(asked) && parameters.needsNegotiation()) {
            Wire.write(
                    context.channel(),
                    ExtendedMessages.negotiateVersion(
                            context.alloc(), StartupParameters.VERSION_SPOKEN, parameters.protocolOptions()));
        }
    }

    private void open(ChannelHandlerContext context, ChannelHandler before, Asked asked, ByteBuf surplus) {
        Optional<Console> console = asked.keys().flatMap(keys -> console(asked));
        if (console.isPresent()) {
            ConsoleSession session =
                    new ConsoleSession(surroundings, console.get(), context.channel(), asked, surplus, loginTimer);
            context.channel().pipeline().replace(before, "client", new ClientLeg(session));
            session.begin();
        } else if (isPooled(asked) && asked.keys().isPresent()) {
            PooledEntry entry = new PooledEntry(
                    surroundings,
                    door,
                    context.channel(),
                    asked,
                    surplus,
                    loginTimer,
                    (leg, more) -> relay(context, leg, asked.aimingAt(Aim.PRIMARY), more));
            context.channel().pipeline().replace(before, "client", new ClientLeg(entry));
            entry.begin();
        } else {
            relay(context, before, asked, surplus);
        }
    }

    /** Begins a session with a connection to Postgres of its own. */
    private void relay(ChannelHandlerContext context, ChannelHandler before, Asked asked, ByteBuf surplus) {
        Session session = new Session(surroundings, door, context.channel(), asked, loginTimer);
        context.channel().pipeline().replace(before, "client", new ClientLeg(session));
        session.begin();
        if (surplus.isReadable()) {
            session.fromClient(surplus);
        } else {
            surplus.release();
        }
    }

    // Standbys and subscriptions are known by their application_name, so theirs is left alone.
    private ByteBuf named(ChannelHandlerContext context, Caller caller, ByteBuf packet) {
        Optional<ClientAddress> origin = ClientAddress.of(context.channel());
        return caller == Caller.CLIENT && door.arrivals().naming() == Arrivals.Naming.WITH_ADDRESS && origin.isPresent()
                ? NamedStartup.of(packet, origin.get().toString(), context.alloc())
                : packet;
    }

    private SessionWatch watch(ChannelHandlerContext context, StartupMessage message) {
        Who who = new Who(
                message.database(),
                message.user(),
                "",
                ClientAddress.of(context.channel()).map(ClientAddress::toString).orElse(""));
        return new SessionWatch(
                surroundings.watching(), who, encrypted ? Counters.Encryption.TLS : Counters.Encryption.NONE);
    }

    private Caller caller(StartupMessage message, boolean forwarded, PeerProtocol protocol) {
        if (message.replication() == Replication.PHYSICAL) {
            return Caller.PHYSICAL_REPLICATION;
        }
        if (door.name() == ListenerName.PEERS && !forwarded) {
            return Caller.PEER;
        }
        if (protocol == PeerProtocol.POOL) {
            return Caller.POOL;
        }
        return message.replication() == Replication.LOGICAL ? Caller.LOGICAL_REPLICATION : Caller.CLIENT;
    }

    private void refuse(ChannelHandlerContext context, RefusalReason reason, FatalError error) {
        done = true;
        surroundings.counters().refusals(reason).increment();
        Farewell.close(context.channel(), error);
    }

    private void drop(ChannelHandlerContext context, RefusalReason reason) {
        done = true;
        surroundings.counters().refusals(reason).increment();
        Wire.close(context.channel());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        done = true;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        received.release();
        received = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ConnectionErrors.log("client", cause);
        Wire.close(context.channel());
    }
}
