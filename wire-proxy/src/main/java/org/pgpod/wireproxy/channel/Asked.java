package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.lease.Aim;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.session.SessionWatch;

/**
 * What a client asks for with its startup packet.
 *
 * @param caller who it is to the lease
 * @param aim which server it wants
 * @param startupPacket the packet, as Postgres is to get it
 * @param keys those of a client that the proxy has authenticated; without them Postgres does that
 * @param watch what times the session
 */
record Asked(Caller caller, Aim aim, ByteBuf startupPacket, Optional<ScramKeys> keys, SessionWatch watch) {
    Asked authenticated(ScramKeys known) {
        return new Asked(caller, aim, startupPacket, Optional.of(known), watch);
    }

    Asked aimingAt(Aim other) {
        return new Asked(caller, other, startupPacket, keys, watch);
    }
}
