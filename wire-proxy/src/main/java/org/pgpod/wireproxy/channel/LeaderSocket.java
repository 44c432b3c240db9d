package org.pgpod.wireproxy.channel;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Connects to the peers' port of the primary's pod, on the event loop of whoever needs it. */
final class LeaderSocket {
    /** A pod that does not answer within this time is as good as gone. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Surroundings surroundings;
    private final Forwarding forwarding;
    private final EventLoop loop;

    LeaderSocket(Surroundings surroundings, Forwarding forwarding, EventLoop loop) {
        this.surroundings = surroundings;
        this.forwarding = forwarding;
        this.loop = loop;
    }

    /**
     * Exactly one of {@code connected}, after the handshake, and {@code failed} will be called.
     *
     * @param leader where that pod takes clients, {@code host:port}; only the host counts here
     */
    void connect(String leader, Supplier<ChannelHandler> leg, Consumer<Channel> connected, Consumer<Throwable> failed) {
        SslHandler tls = forwarding.tls().handler(surroundings.loops().allocator(), TIMEOUT);
        new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, surroundings.loops().allocator())
                .option(ChannelOption.RECVBUF_ALLOCATOR, Buffers.reading())
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, Buffers.waiting())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) TIMEOUT.toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls, leg.get());
                    }
                })
                .connect(host(leader), forwarding.peerPort())
                .addListener((ChannelFuture attempt) -> {
                    if (attempt.isSuccess()) {
                        awaitHandshake(tls, attempt.channel(), connected, failed);
                    } else {
                        failed.accept(attempt.cause());
                    }
                });
    }

    private static void awaitHandshake(
            SslHandler tls, Channel channel, Consumer<Channel> connected, Consumer<Throwable> failed) {
        tls.handshakeFuture().addListener(handshake -> {
            if (handshake.isSuccess()) {
                connected.accept(channel);
            } else {
                Wire.close(channel);
                failed.accept(handshake.cause());
            }
        });
    }

    private static String host(String leader) {
        String host = leader.substring(0, leader.lastIndexOf(':'));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
