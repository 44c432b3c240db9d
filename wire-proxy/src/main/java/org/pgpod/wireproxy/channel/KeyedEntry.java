package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.util.Optional;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects a session to Postgres with the startup packet of its client, whom the proxy has authenticated, and logs in with
 * the client's keys. The session is connected when Postgres has decided; what it decided, and the whole rest, it reads.
 */
final class KeyedEntry implements BackendAuthentication.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(KeyedEntry.class);

    private final Channel client;
    private final ScramKeys keys;
    private final ByteBuf startupPacket;
    private final Session session;

    private KeyedEntry(Channel client, ScramKeys keys, ByteBuf startupPacket, Session session) {
        this.client = client;
        this.keys = keys;
        this.startupPacket = startupPacket;
        this.session = session;
    }

    /**
     * Connects a session, logged in if there are keys. The packet stays the session's, which keeps it until it is connected
     * or over, and sends it unless there are keys.
     */
    static void connect(
            Surroundings surroundings,
            Channel client,
            Optional<ScramKeys> keys,
            ByteBuf startupPacket,
            Session session) {
        PostgresSocket socket = keys.map(known -> new KeyedEntry(client, known, startupPacket, session))
                .map(entry ->
                        new PostgresSocket(surroundings, client, entry::handlers, entry::opened, session::unreachable))
                .orElseGet(() -> new PostgresSocket(
                        surroundings,
                        client,
                        () -> new PostgresLeg(session),
                        session::connected,
                        session::unreachable));
        socket.connect();
    }

    private ChannelInitializer<Channel> handlers() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(new BackendAuthentication(startupPacket.retainedDuplicate(), keys, KeyedEntry.this))
                        .addLast(new PostgresLeg(session));
            }
        };
    }

    private void opened(Channel postgres) {
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
        session.notReached(LoginRefusals.loginFailed());
    }
}
