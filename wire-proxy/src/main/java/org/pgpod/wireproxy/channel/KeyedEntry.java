package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.telemetry.RefusalReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs a session in at Postgres with the startup packet of its client, whom the proxy has authenticated, and the client's
 * keys. The session is connected when Postgres has decided; what it decided, and the whole rest, it reads.
 */
final class KeyedEntry implements BackendAuthentication.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(KeyedEntry.class);

    private final Channel client;
    private final ScramKeys keys;
    private final ByteBuf startupPacket;
    private final Session session;

    KeyedEntry(Channel client, ScramKeys keys, ByteBuf startupPacket, Session session) {
        this.client = client;
        this.keys = keys;
        this.startupPacket = startupPacket;
        this.session = session;
    }

    /** Logs in as soon as the connection is made. */
    ChannelInitializer<Channel> handlers() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(new BackendAuthentication(startupPacket.retainedDuplicate(), keys, KeyedEntry.this))
                        .addLast(new PostgresLeg(session));
            }
        };
    }

    /** The connection is made; it ends with the client's until Postgres has decided. */
    void opened(Channel postgres) {
        // A session that is not connected yet cannot close it.
        client.closeFuture().addListener(closed -> {
            if (postgres.pipeline().get(BackendAuthentication.class) != null) {
                Wire.close(postgres);
            }
        });
    }

    @Override
    public void decided(Channel postgres) {
        session.connected(postgres);
    }

    @Override
    public void failed(String reason) {
        LOG.error("login to postgres failed reason={}", reason);
        session.unreachable(RefusalReason.POSTGRES_DOWN, LoginRefusals.loginFailed());
    }
}
