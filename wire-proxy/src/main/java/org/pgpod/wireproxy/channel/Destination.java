package org.pgpod.wireproxy.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.telemetry.RefusalReason;

/** Where a session goes: to the Postgres of this pod, or to the primary of another. */
final class Destination {
    private final Surroundings surroundings;
    private final Channel client;
    private final Supplier<ChannelHandler> leg;
    private final Consumer<Channel> connected;
    private final BiConsumer<RefusalReason, FatalError> failed;

    /** Exactly one of {@code connected} and {@code failed} will be called for each attempt. */
    Destination(
            Surroundings surroundings,
            Channel client,
            Supplier<ChannelHandler> leg,
            Consumer<Channel> connected,
            BiConsumer<RefusalReason, FatalError> failed) {
        this.surroundings = surroundings;
        this.client = client;
        this.leg = leg;
        this.connected = connected;
        this.failed = failed;
    }

    void connectHere() {
        new PostgresSocket(
                        surroundings,
                        client,
                        leg,
                        connected,
                        cause -> failed.accept(RefusalReason.POSTGRES_DOWN, Refusals.postgresDown(cause)))
                .connect();
    }

    /**
     * Through the peers' port of the primary's pod.
     *
     * @param leader where that pod takes clients, {@code host:port}
     */
    void connectTo(String leader) {
        Optional<Forwarding> forwarding = surroundings.forwarding();
        if (forwarding.isEmpty()) {
            failed.accept(RefusalReason.NO_PRIMARY, Refusals.primaryElsewhere());
            return;
        }
        new LeaderSocket(surroundings, forwarding.get(), client)
                .connect(
                        leader,
                        leg,
                        connected,
                        cause -> failed.accept(
                                RefusalReason.PRIMARY_UNREACHABLE, Refusals.primaryUnreachable(leader, cause)));
    }
}
