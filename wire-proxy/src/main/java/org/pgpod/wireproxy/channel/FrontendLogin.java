package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.wireproxy.auth.ChannelBinding;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.auth.ScramServer;
import org.pgpod.wireproxy.auth.StoredPassword;
import org.pgpod.wireproxy.protocol.Authentication;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.protocol.LoginFrames;
import org.pgpod.wireproxy.protocol.LoginFrames.Frame;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.RefusalReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a client prove its password by SCRAM, before anything of it reaches Postgres. Ends with the keys of the role, which
 * {@link Next} hears while AuthenticationSASLFinal is written but not flushed and AuthenticationOk is still to come; or
 * with an error to the client. Confined to the client's event loop, and to the client's login timer.
 */
final class FrontendLogin extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(FrontendLogin.class);

    /** Passwords are one message; what a client sends in advance has room besides. */
    private static final int BYTES_MAX = 262_144;

    /** Longer names of roles do not exist. */
    private static final int ROLE_SHOWN_MAX = 63;

    /** Takes over the client. */
    @FunctionalInterface
    interface Next {
        /** The handler is still in the pipeline, to be replaced; {@code surplus} is what the client has sent already. */
        void proceed(ScramKeys keys, ByteBuf surplus);
    }

    private final ScramLogins logins;
    private final Counters counters;
    private final String role;
    private final ChannelBinding binding;
    private final LoginFrames frames = new LoginFrames(ScramServer.MESSAGE_BYTES_MAX);

    /** Null until it is known what Postgres knows of the role. */
    private @Nullable ScramServer exchange;

    private Next next = (keys, surplus) -> surplus.release();
    private boolean done;

    FrontendLogin(ScramLogins logins, Counters counters, String role, ChannelBinding binding) {
        this.logins = logins;
        this.counters = counters;
        this.role = role;
        this.binding = binding;
    }

    /** Says who goes on; called before this handler is in a pipeline. */
    void whenAdmitted(Next successor) {
        next = successor;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        Channel client = context.channel();
        client.config().setAutoRead(false);
        logins.find(role, client.eventLoop(), password -> found(client, password));
    }

    private void found(Channel client, StoredPassword password) {
        if (done || !client.isActive()) {
            return;
        }
        switch (password) {
            case StoredPassword.Scram scram -> begin(client, server(Optional.of(scram)));
            case StoredPassword.None none -> begin(client, server(Optional.empty()));
            case StoredPassword.OtherForm other ->
                refuse(client, RefusalReason.AUTHENTICATION, LoginRefusals.passwordFormUnusable(role));
            case StoredPassword.Unknown unknown ->
                refuse(client, RefusalReason.PASSWORD_UNKNOWN, LoginRefusals.passwordsUnknown());
        }
    }

    private ScramServer server(Optional<StoredPassword.Scram> stored) {
        return ScramServer.of(
                role, stored.map(StoredPassword.Scram::verifier), logins.mockSecret(), binding, Nonces.next());
    }

    private void begin(Channel client, ScramServer server) {
        exchange = server;
        Wire.writeAndFlush(client, Authentication.sasl(client.alloc(), server.mechanisms()));
        client.config().setAutoRead(true);
        read(client, server);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        if (done) {
            ((ByteBuf) bytes).release();
            return;
        }
        take((ByteBuf) bytes);
        if (frames.keptBytes() > BYTES_MAX) {
            drop(context.channel());
        } else if (exchange != null) {
            read(context.channel(), exchange);
        }
    }

    /** What the client has sent behind its startup packet, or sends now. */
    void take(ByteBuf bytes) {
        frames.add(bytes);
    }

    private void read(Channel client, ScramServer server) {
        while (!done && frames.nextType() >= 0) {
            if (frames.nextType() != 'p') {
                refuse(client, RefusalReason.MALFORMED, LoginRefusals.notSasl(frames.nextType()));
                return;
            }
            switch (frames.next()) {
                case Frame.Incomplete incomplete -> {
                    return;
                }
                case Frame.Senseless senseless -> reply(client, server.unreadable());
                case Frame.Message message -> reply(client, server.answer(message.body()));
            }
        }
    }

    private void reply(Channel client, ScramServer.Reply reply) {
        switch (reply) {
            case ScramServer.Reply.Continue challenge ->
                Wire.writeAndFlush(client, Authentication.saslContinue(client.alloc(), challenge.data()));
            case ScramServer.Reply.Refused refused -> refuse(client, RefusalReason.AUTHENTICATION, refused.error());
            case ScramServer.Reply.Admitted admitted -> {
                done = true;
                client.config().setAutoRead(false);
                Wire.write(client, Authentication.saslFinal(client.alloc(), admitted.data()));
                next.proceed(admitted.keys(), frames.remainder());
            }
        }
    }

    private void refuse(Channel client, RefusalReason reason, FatalError error) {
        done = true;
        counters.refusals(reason).increment();
        // Postgres itself never hears of it.
        LOG.warn(
                "login refused role={} address={} sqlState={} reason={}",
                role.substring(0, Math.min(role.length(), ROLE_SHOWN_MAX)),
                client.remoteAddress(),
                error.sqlState(),
                error.message());
        client.config().setAutoRead(true);
        Farewell.close(client, error);
    }

    private void drop(Channel client) {
        done = true;
        counters.refusals(RefusalReason.MALFORMED).increment();
        Farewell.drop(client);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        done = true;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        frames.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ConnectionErrors.log("client", cause);
        Wire.close(context.channel());
    }
}
