package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.protocol.FirstPacket;
import org.pgpod.wireproxy.protocol.NamedStartup;
import org.pgpod.wireproxy.protocol.Replication;
import org.pgpod.wireproxy.protocol.StartupMessage;
import org.pgpod.wireproxy.session.SessionWatch;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.ListenerName;
import org.pgpod.wireproxy.telemetry.RefusalReason;
import org.pgpod.wireproxy.telemetry.Who;
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
    private final ConnectionLimit.Place place;
    private ByteBuf received = Unpooled.EMPTY_BUFFER;
    private Future<?> loginTimer = CompletableFuture.completedFuture(null);
    private long handshakeNanos;
    private boolean tlsAnswered;
    private boolean gssAnswered;
    private boolean encrypted;
    private boolean direct;
    private boolean done;

    FirstPacketHandler(Surroundings surroundings, Door door, ConnectionLimit.Place place) {
        this.surroundings = surroundings;
        this.door = door;
        this.place = place;
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
            SslHandler tls = context.pipeline().get(SslHandler.class);
            // Postgres, too, asks for the name, so that another protocol's client cannot be led to a Postgres port.
            if (direct && (tls == null || !ServerTls.PROTOCOL_NAME.equals(tls.applicationProtocol()))) {
                drop(context, RefusalReason.MALFORMED);
            }
        }
        context.fireUserEventTriggered(event);
    }

    private void relayCancel(ChannelHandlerContext context, FirstPacket.Cancel cancel) {
        boolean allowed = encrypted || door.name() == ListenerName.CLIENTS;
        if (allowed) {
            // libpq sends cancel requests without TLS even for a session with TLS.
            ByteBuf request = received.readRetainedSlice(cancel.length());
            done = true;
            context.pipeline().replace(this, "cancel", new CancelRelay(surroundings, request));
        } else {
            drop(context, RefusalReason.TLS_REQUIRED);
        }
    }

    private void startSession(ChannelHandlerContext context, FirstPacket.Startup startup) {
        if (door.encryption() == Door.Encryption.REQUIRED && !encrypted) {
            refuse(context, RefusalReason.TLS_REQUIRED, Refusals.tlsRequired());
        } else if (place == ConnectionLimit.Place.SURPLUS) {
            refuse(context, RefusalReason.TOO_MANY, Refusals.tooMany());
        } else if (door.name() == ListenerName.PEERS && !PeerRoles.serves(startup.message())) {
            refuse(context, RefusalReason.ROLE, Refusals.roleNotServed());
        } else {
            begin(context, startup);
        }
    }

    private void begin(ChannelHandlerContext context, FirstPacket.Startup startup) {
        Caller caller = caller(startup.message());
        ByteBuf packet = named(context, caller, received.readRetainedSlice(startup.length()));
        Session session = new Session(
                surroundings, door, caller, context.channel(), packet, loginTimer, watch(context, startup.message()));
        ByteBuf more = received;
        received = Unpooled.EMPTY_BUFFER;
        done = true;
        context.pipeline().replace(this, "client", new ClientLeg(session));
        session.begin();
        if (more.isReadable()) {
            session.fromClient(more);
        } else {
            more.release();
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

    private Caller caller(StartupMessage message) {
        if (message.replication() == Replication.PHYSICAL) {
            return Caller.PHYSICAL_REPLICATION;
        }
        if (door.name() == ListenerName.PEERS) {
            return Caller.PEER;
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
