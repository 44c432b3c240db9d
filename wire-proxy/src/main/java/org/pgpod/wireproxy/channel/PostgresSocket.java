package org.pgpod.wireproxy.channel;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Connects to Postgres on a given event loop: for a session that of its client, so that its two legs need no lock. */
final class PostgresSocket {
    private static final long RETRY_MILLIS = 20;

    /** Two seconds of retries. */
    private static final int ATTEMPTS_MAX = 100;

    private final Surroundings surroundings;
    private final EventLoop loop;
    private final BooleanSupplier wanted;
    private final Supplier<ChannelHandler> leg;
    private final Consumer<Channel> connected;
    private final Consumer<Throwable> failed;
    private int attempts;

    /** For as long as the client is there; exactly one of {@code connected} and {@code failed} will be called. */
    PostgresSocket(
            Surroundings surroundings,
            Channel client,
            Supplier<ChannelHandler> leg,
            Consumer<Channel> connected,
            Consumer<Throwable> failed) {
        this(surroundings, client.eventLoop(), client::isActive, leg, connected, failed);
    }

    /** For as long as it is wanted. */
    PostgresSocket(
            Surroundings surroundings,
            EventLoop loop,
            BooleanSupplier wanted,
            Supplier<ChannelHandler> leg,
            Consumer<Channel> connected,
            Consumer<Throwable> failed) {
        this.surroundings = surroundings;
        this.loop = loop;
        this.wanted = wanted;
        this.leg = leg;
        this.connected = connected;
        this.failed = failed;
    }

    void connect() {
        attempts++;
        new Bootstrap()
                .group(loop)
                .channel(EpollDomainSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, surroundings.loops().allocator())
                .option(ChannelOption.RECVBUF_ALLOCATOR, Buffers.reading())
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, Buffers.waiting())
                .handler(leg.get())
                .connect(new DomainSocketAddress(surroundings.postgres().toString()))
                .addListener((ChannelFuture attempt) -> {
                    if (attempt.isSuccess()) {
                        connected.accept(attempt.channel());
                    } else {
                        retryOrGiveUp(attempt.cause());
                    }
                });
    }

    private void retryOrGiveUp(Throwable cause) {
        if (wanted.getAsBoolean() && isBacklogFull(cause) && attempts < ATTEMPTS_MAX) {
            Wire.later(loop, this::connect, RETRY_MILLIS);
        } else {
            failed.accept(cause);
        }
    }

    // connect(2) on a Unix socket does not wait for room in the listener's queue: EAGAIN says that there is none.
    private static boolean isBacklogFull(Throwable cause) {
        return String.valueOf(cause.getMessage()).contains("temporarily unavailable");
    }
}
