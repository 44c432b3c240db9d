package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Brings what happens on the connection to Postgres to its session. */
final class PostgresLeg extends ChannelInboundHandlerAdapter {
    private final Session session;

    PostgresLeg(Session session) {
        this.session = session;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        session.fromPostgres((ByteBuf) bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        session.postgresReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        session.postgresWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        session.postgresGone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ConnectionErrors.log("postgres", cause);
        Wire.close(context.channel());
    }
}
