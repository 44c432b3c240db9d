package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends one cancel request to Postgres and waits until Postgres closes the connection: by then the signal has been sent,
 * and cannot reach what the cancelled connection is asked to do later.
 */
final class CancelConnection extends ChannelInboundHandlerAdapter {
    /** Postgres needs no longer, unless it is in great trouble. */
    private static final long LIMIT_SECONDS = 10;

    private static final int REQUEST_CODE = 80877102;

    private final Consumer<Boolean> over;
    private boolean told;

    private CancelConnection(Consumer<Boolean> over) {
        this.over = over;
    }

    /**
     * At the Postgres of this pod, or of the leader's pod if one is given. {@code over} hears once, on the loop, whether the
     * request was dealt with in time.
     */
    static void begin(
            Surroundings surroundings,
            EventLoop loop,
            Optional<String> leader,
            BackendKey key,
            Consumer<Boolean> over) {
        CancelConnection handler = new CancelConnection(over);
        if (leader.isPresent() && surroundings.forwarding().isPresent()) {
            new LeaderSocket(surroundings, surroundings.forwarding().get(), loop)
                    .connect(
                            leader.get(),
                            () -> handler,
                            channel -> handler.send(channel, key.bytes().slice()),
                            unreachable -> handler.tell(true));
            return;
        }
        new PostgresSocket(
                        surroundings,
                        loop,
                        () -> true,
                        () -> handler,
                        channel -> handler.send(channel, key.bytes().slice()),
                        unreachable -> handler.tell(true))
                .connect();
    }

    private void send(Channel channel, ByteBuf key) {
        ByteBuf request = Unpooled.buffer(2 * Integer.BYTES + key.readableBytes())
                .writeInt(2 * Integer.BYTES + key.readableBytes())
                .writeInt(REQUEST_CODE)
                .writeBytes(key);
        Wire.writeAndFlush(channel, request);
        var limit = channel.eventLoop()
                .schedule(
                        () -> {
                            tell(false);
                            Farewell.drop(channel);
                        },
                        LIMIT_SECONDS,
                        TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> limit.cancel(false));
    }

    private void tell(boolean inTime) {
        if (!told) {
            told = true;
            over.accept(inTime);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object answer) {
        ((ByteBuf) answer).release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        tell(true);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ConnectionErrors.log("cancel", cause);
        Wire.close(context.channel());
    }
}
