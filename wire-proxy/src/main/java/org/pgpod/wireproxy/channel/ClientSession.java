package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import org.pgpod.wireproxy.lease.Census;

/** What its event loop and its client's connection tell a session. All calls come on the session's event loop. */
interface ClientSession {
    void fromClient(ByteBuf bytes);

    void clientReadComplete();

    void clientWritabilityChanged();

    void clientGone();

    /** Looks at the lease again: what was served may end, what was held may go on. */
    void review();

    /** The proxy ends. */
    void stop();

    /** This session alone, counted. */
    Census census();
}
