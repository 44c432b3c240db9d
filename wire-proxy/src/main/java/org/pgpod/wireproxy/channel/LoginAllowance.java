package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.RefusalReason;

/** How much a client may send before Postgres has admitted it. */
final class LoginAllowance {
    /** Passwords and tickets are far shorter. */
    private static final int BYTES_MAX = 262_144;

    private int bytes;

    /**
     * Counts these bytes, too, and drops a client that has sent too many; true if it did. A client that has hung up is read
     * to its end whatever autoRead says, and the kernel may hold megabytes of it.
     */
    boolean isExceededBy(ByteBuf more, Channel client, Counters counters) {
        bytes += more.readableBytes();
        boolean exceeded = bytes > BYTES_MAX;
        if (exceeded) {
            counters.refusals(RefusalReason.MALFORMED).increment();
            Farewell.drop(client);
        }
        return exceeded;
    }
}
