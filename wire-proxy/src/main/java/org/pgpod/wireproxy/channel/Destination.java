package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.telemetry.RefusalReason;

/**
 * Where a session goes: to the Postgres of this pod, or to the primary of another. It is connected when Postgres has been
 * reached, and with the keys of a client whom the proxy has authenticated when Postgres has decided about the login.
 */
final class Destination {
    private final Surroundings surroundings;
    private final Channel client;
    private final Optional<ScramKeys> keys;
    private final Session session;

    Destination(Surroundings surroundings, Channel client, Optional<ScramKeys> keys, Session session) {
        this.surroundings = surroundings;
        this.client = client;
        this.keys = keys;
        this.session = session;
    }

    /** What stands on the connection to Postgres, and what happens when it is made. */
    private record Approach(Supplier<ChannelHandler> leg, Consumer<Channel> connected) {}

    // The packet stays the session's, which keeps it until it is connected or over, and sends it unless there are keys.
    private Approach approach(ByteBuf startupPacket) {
        return keys.map(known -> new KeyedEntry(client, known, startupPacket, session))
                .map(entry -> new Approach(entry::handlers, entry::opened))
                .orElseGet(() -> new Approach(() -> new PostgresLeg(session), session::connected));
    }

    void connectHere(ByteBuf startupPacket) {
        Approach approach = approach(startupPacket);
        new PostgresSocket(
                        surroundings,
                        client,
                        approach.leg(),
                        approach.connected(),
                        cause -> session.unreachable(RefusalReason.POSTGRES_DOWN, Refusals.postgresDown(cause)))
                .connect();
    }

    /**
     * Through the peers' port of the primary's pod.
     *
     * @param leader where that pod takes clients, {@code host:port}
     */
    void connectTo(String leader, ByteBuf startupPacket) {
        Optional<Forwarding> forwarding = surroundings.forwarding();
        if (forwarding.isEmpty()) {
            session.unreachable(RefusalReason.NO_PRIMARY, Refusals.primaryElsewhere());
            return;
        }
        Approach approach = approach(startupPacket);
        new LeaderSocket(surroundings, forwarding.get(), client.eventLoop())
                .connect(
                        leader,
                        approach.leg(),
                        approach.connected(),
                        cause -> session.unreachable(
                                RefusalReason.PRIMARY_UNREACHABLE, Refusals.primaryUnreachable(leader, cause)));
    }
}
