package org.pgpod.wireproxy.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.util.Optional;
import org.pgpod.wireproxy.telemetry.RefusalReason;

/** Gives each accepted connection its place and its first handlers. */
final class Entrance extends ChannelInitializer<Channel> {
    private final Surroundings surroundings;
    private final Door door;

    Entrance(Surroundings surroundings, Door door) {
        this.surroundings = surroundings;
        this.door = door;
    }

    @Override
    protected void initChannel(Channel channel) {
        Seat seat = Seat.in(door.limit());
        if (seat.place() == ConnectionLimit.Place.NONE) {
            surroundings.counters().refusals(RefusalReason.TOO_MANY).increment();
            Wire.close(channel);
            return;
        }
        channel.closeFuture().addListener(closed -> seat.leave());
        Optional<ClientAddress> origin = ClientAddress.of(channel);
        if (origin.isPresent() && door.arrivals().needsHeader(origin.get())) {
            channel.pipeline().addLast("proxy-protocol", ProxyHeaderHandler.decoder());
            channel.pipeline().addLast("proxy-header", new ProxyHeaderHandler(surroundings, door));
        } else if (!admit(surroundings, door, channel)) {
            return;
        }
        channel.pipeline().addLast("first-packet", new FirstPacketHandler(surroundings, door, seat));
    }

    /** Closes a connection whose source opens too many; false when it did. */
    static boolean admit(Surroundings surroundings, Door door, Channel channel) {
        Optional<ClientAddress> origin = ClientAddress.of(channel);
        boolean admitted = origin.isEmpty()
                || door.arrivals().rate().isEmpty()
                || door.arrivals()
                        .rate()
                        .get()
                        .admits(
                                origin.get().address(),
                                surroundings.watching().nanoClock().getAsLong());
        if (!admitted) {
            surroundings.counters().refusals(RefusalReason.RATE).increment();
            Wire.close(channel);
        }
        return admitted;
    }
}
