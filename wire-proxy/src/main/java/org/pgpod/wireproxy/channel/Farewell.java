package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import java.util.concurrent.TimeUnit;
import org.pgpod.wireproxy.protocol.FatalError;

/** The ways in which a connection ends. All are called on the connection's event loop. */
final class Farewell {
    /** How long a peer may take to read its last bytes. */
    private static final long LINGER_SECONDS = 30;

    private static final int RESET = 0;

    private Farewell() {}

    /** Closes once everything written before has left, at the latest after {@link #LINGER_SECONDS}. */
    static void close(Channel channel) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        if (channel.isOpen()) {
            var limit = channel.eventLoop().schedule(() -> drop(channel), LINGER_SECONDS, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> limit.cancel(false));
        }
    }

    /** Tells the client why, then closes. */
    static void close(Channel client, FatalError error) {
        close(client, error.encode(client.alloc()));
    }

    /** Tells the client these last words, then closes. */
    static void close(Channel client, ByteBuf lastWords) {
        Wire.write(client, lastWords);
        close(client);
    }

    /** Closes at once; what was written but has not left is discarded. */
    static void drop(Channel channel) {
        // Past the pipeline, where TLS would flush what it still holds.
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    /** Closes so that not even what the kernel has taken over reaches the client any more. */
    static void sever(Channel client) {
        if (client.isOpen()) {
            client.config().setOption(ChannelOption.SO_LINGER, RESET);
            drop(client);
        }
    }
}
