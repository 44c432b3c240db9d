package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Optional;
import org.pgpod.wireproxy.auth.LoginSecret;
import org.pgpod.wireproxy.auth.ScramClient;
import org.pgpod.wireproxy.protocol.Authentication;
import org.pgpod.wireproxy.protocol.LoginFrames;
import org.pgpod.wireproxy.protocol.LoginFrames.Frame;

/**
 * Sends a startup packet to Postgres and answers its request for SCRAM. When Postgres has admitted the role or has refused
 * it, the listener is told, the next handler reads AuthenticationOk or the ErrorResponse and all that came with it, and
 * this handler is gone. Of the exchange itself nothing passes. No message may be longer than {@link #BODY_BYTES_MAX}.
 */
final class BackendAuthentication extends ChannelInboundHandlerAdapter {
    /** What libpq allows an error of a server that has not admitted it. */
    static final int BODY_BYTES_MAX = 30_000;

    private static final int HEADER_BYTES = 5;

    /** Hears of the end, exactly once. */
    interface Listener {
        /** Postgres has decided; the next handler is about to read what. */
        void decided(Channel postgres);

        /** There was no decision; the connection is closed. */
        void failed(String reason);
    }

    private final ByteBuf startupPacket;
    private final LoginSecret secret;
    private final Listener listener;
    private final LoginFrames frames = new LoginFrames(BODY_BYTES_MAX);
    private Optional<ScramClient> exchange = Optional.empty();
    private boolean proved;
    private boolean done;

    /** What Postgres said besides, for the next handler. */
    private final ByteBuf aside;

    /** Takes over the startup packet. */
    BackendAuthentication(ByteBuf startupPacket, LoginSecret secret, Listener listener) {
        this.startupPacket = startupPacket;
        this.secret = secret;
        this.listener = listener;
        this.aside = startupPacket.alloc().buffer(HEADER_BYTES, 2 * BODY_BYTES_MAX);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Wire.writeAndFlush(context.channel(), startupPacket.retain());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        frames.add((ByteBuf) bytes);
        while (!done) {
            if (frames.nextType() == 'E') {
                pass(context);
                return;
            }
            switch (frames.next()) {
                case Frame.Incomplete incomplete -> {
                    return;
                }
                case Frame.Senseless senseless -> fail(context, "Postgres sent a message of senseless length");
                case Frame.Message message -> take(context, message);
            }
        }
    }

    private void take(ChannelHandlerContext context, Frame.Message message) {
        switch (message.type()) {
            case 'R' -> answer(context, Authentication.read(message.body()));
            case 'v', 'N' -> setAside(context, message);
            default -> fail(context, "Postgres sent message " + message.type() + " before it had admitted the role");
        }
    }

    private void setAside(ChannelHandlerContext context, Frame.Message message) {
        if (aside.maxWritableBytes() < HEADER_BYTES + message.body().readableBytes()) {
            fail(context, "Postgres sent too many notices before it had admitted the role");
            return;
        }
        aside.writeByte(message.type())
                .writeInt(message.body().readableBytes() + Integer.BYTES)
                .writeBytes(message.body());
    }

    private void answer(ChannelHandlerContext context, Authentication request) {
        switch (request) {
            case Authentication.Ok ok -> {
                if (exchange.isPresent() && !proved) {
                    fail(context, "Postgres admitted the role without proving that it knows it");
                } else {
                    aside.writeBytes(Authentication.okBytes());
                    pass(context);
                }
            }
            case Authentication.Sasl sasl -> begin(context, sasl);
            case Authentication.SaslContinue next -> reply(context, exchange.map(client -> client.answer(next.data())));
            case Authentication.SaslFinal last -> reply(context, exchange.map(client -> client.verify(last.data())));
            case Authentication.Other other ->
                fail(
                        context,
                        "Postgres asks for authentication by method " + other.code()
                                + "; for local connections pg_hba.conf must ask for scram-sha-256");
            case Authentication.Malformed malformed ->
                fail(context, "Postgres sent a malformed authentication request");
        }
    }

    private void begin(ChannelHandlerContext context, Authentication.Sasl sasl) {
        if (exchange.isPresent() || !sasl.mechanisms().contains(ScramClient.MECHANISM)) {
            fail(context, "Postgres does not offer " + ScramClient.MECHANISM);
            return;
        }
        ScramClient client = new ScramClient(secret, Nonces.next());
        exchange = Optional.of(client);
        Wire.writeAndFlush(
                context.channel(),
                Authentication.initialResponse(context.alloc(), ScramClient.MECHANISM, client.first()));
    }

    private void reply(ChannelHandlerContext context, Optional<ScramClient.Reply> reply) {
        switch (reply.orElse(new ScramClient.Reply.Failed("Postgres went on with an exchange that had not begun"))) {
            case ScramClient.Reply.Send send ->
                Wire.writeAndFlush(context.channel(), Authentication.response(context.alloc(), send.data()));
            case ScramClient.Reply.Proved yes -> proved = true;
            case ScramClient.Reply.Failed failed -> fail(context, failed.reason());
        }
    }

    private void pass(ChannelHandlerContext context) {
        done = true;
        listener.decided(context.channel());
        context.fireChannelRead(aside.retain());
        ByteBuf more = frames.remainder();
        if (more.isReadable()) {
            context.fireChannelRead(more);
        } else {
            more.release();
        }
        context.pipeline().remove(this);
    }

    private void fail(ChannelHandlerContext context, String reason) {
        done = true;
        Wire.close(context.channel());
        listener.failed(reason);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!done) {
            fail(context, "Postgres closed the connection during the login");
        }
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        frames.release();
        aside.release();
        startupPacket.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ConnectionErrors.log("postgres", cause);
        Wire.close(context.channel());
    }
}
