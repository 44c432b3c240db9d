package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Passes one CancelRequest to Postgres, which knows the backend's key because session keys pass unchanged, and closes the
 * client's connection when Postgres has closed its own: that is how a client learns that the request was processed.
 */
final class CancelRelay extends ChannelInboundHandlerAdapter {
    private final Surroundings surroundings;
    private final ByteBuf request;

    CancelRelay(Surroundings surroundings, ByteBuf request) {
        this.surroundings = surroundings;
        this.request = request;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        Channel client = context.channel();
        new PostgresSocket(
                        surroundings,
                        client,
                        () -> new CloseTogether(client),
                        postgres -> {
                            surroundings.counters().cancelRequests.increment();
                            Wire.writeAndFlush(postgres, request);
                        },
                        unreachable -> {
                            request.release();
                            Wire.close(client);
                        })
                .connect();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object surplus) {
        ((ByteBuf) surplus).release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ConnectionErrors.log("cancel", cause);
        Wire.close(context.channel());
    }

    /** Closes the client's connection when Postgres closes this one. */
    private static final class CloseTogether extends ChannelInboundHandlerAdapter {
        private final Channel client;

        CloseTogether(Channel client) {
            this.client = client;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object answer) {
            // Postgres answers a cancel request with nothing but the end of the connection.
            ((ByteBuf) answer).release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            Wire.close(client);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            ConnectionErrors.log("cancel", cause);
            Wire.close(context.channel());
        }
    }
}
