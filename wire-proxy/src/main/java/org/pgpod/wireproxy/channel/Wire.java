package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
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

    /** Runs something on an event loop after a while. */
    static void later(EventLoop loop, Runnable task, long millis) {
        loop.schedule(task, millis, TimeUnit.MILLISECONDS);
    }
}
