package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/**
 * Writes and closes without looking at the outcome: a write that fails is followed by the end of its channel, which the
 * handlers see.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class Wire {
    private Wire() {}

    /** Queues bytes, without an object for their outcome. */
    static void write(Channel channel, ByteBuf bytes) {
        channel.write(bytes, channel.voidPromise());
    }

    static void writeAndFlush(Channel channel, ByteBuf bytes) {
        channel.writeAndFlush(bytes, channel.voidPromise());
    }

    /** Closes after TLS has said goodbye; what was not flushed is discarded. */
    static void close(Channel channel) {
        channel.close();
    }

    /** Runs something on the channel's event loop after a while. */
    static void later(Channel channel, Runnable task, long millis) {
        channel.eventLoop().schedule(task, millis, TimeUnit.MILLISECONDS);
    }
}
