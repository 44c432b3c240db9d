package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;

/** How much a client may send before Postgres has admitted it. */
final class LoginAllowance {
    /** Passwords and tickets are far shorter. */
    private static final int BYTES_MAX = 262_144;

    private int bytes;

    /** Counts these bytes, too. */
    boolean isExceededBy(ByteBuf more) {
        bytes += more.readableBytes();
        return bytes > BYTES_MAX;
    }
}
