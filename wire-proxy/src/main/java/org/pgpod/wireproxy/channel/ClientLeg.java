package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Brings what happens on the client's connection to its session. */
final class ClientLeg extends ChannelInboundHandlerAdapter {
    private final ClientSession session;

    ClientLeg(ClientSession session) {
        this.session = session;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        session.fromClient((ByteBuf) bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        session.clientReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        session.clientWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        session.clientGone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ConnectionErrors.log("client", cause);
        Wire.close(context.channel());
    }
}
