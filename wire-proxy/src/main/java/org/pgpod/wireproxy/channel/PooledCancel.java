package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Optional;

/**
 * Cancels what a pooled session has in flight, and closes the client's connection when that is over: that is how a client
 * learns that the request was processed. An unknown key is answered like a known one.
 */
final class PooledCancel extends ChannelInboundHandlerAdapter {
    private final Surroundings surroundings;
    private final Optional<PooledSession> session;

    PooledCancel(Surroundings surroundings, CancelKeys keys, ByteBuf request) {
        this.surroundings = surroundings;
        this.session = keys.find(request);
        request.release();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        Channel client = context.channel();
        if (session.isPresent()) {
            surroundings.counters().cancelRequests.increment();
            PooledSession target = session.get();
            target.client().eventLoop().execute(() -> target.tenancy().cancel(() -> Wire.close(client)));
        } else {
            Wire.close(client);
        }
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
}
