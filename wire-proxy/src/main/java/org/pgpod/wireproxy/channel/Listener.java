package org.pgpod.wireproxy.channel;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A bound port whose connections go through one {@link Door}. */
public final class Listener {
    private static final int BACKLOG = 1_024;

    private final Channel channel;

    private Listener(Channel channel) {
        this.channel = channel;
    }

    /** Binds and accepts; the error names the address. */
    public static Listener bind(InetSocketAddress address, Surroundings surroundings, Door door) throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(surroundings.loops().group())
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOCATOR, surroundings.loops().allocator())
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, Buffers.reading())
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Buffers.waiting())
                .childHandler(new Entrance(surroundings, door))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            Throwable cause = bound.cause();
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + cause.getMessage(),
                    cause);
        }
        return new Listener(bound.channel());
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Accepts nothing more; open sessions go on. */
    public void close() {
        channel.close().awaitUninterruptibly();
    }
}
