package org.pgpod.wireproxy.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.Optional;
import org.pgpod.wireproxy.telemetry.RefusalReason;

/**
 * Takes the PROXY protocol header, version 1 or 2, that a trusted load balancer puts before everything else, and leaves.
 * A connection without one is not served: guessing would let clients say where they come from.
 */
final class ProxyHeaderHandler extends ChannelInboundHandlerAdapter {
    /** What version 2 may carry besides the addresses; nothing of it is used. */
    private static final int EXTENSION_BYTES_MAX = 4_096;

    private final Surroundings surroundings;
    private final Door door;
    private boolean refused;

    ProxyHeaderHandler(Surroundings surroundings, Door door) {
        this.surroundings = surroundings;
        this.door = door;
    }

    static HAProxyMessageDecoder decoder() {
        return new HAProxyMessageDecoder(EXTENSION_BYTES_MAX);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HAProxyMessage header) {
            try {
                told(header).ifPresent(origin -> origin.tellOf(context.channel()));
            } finally {
                header.release();
            }
            refused = !Entrance.admit(surroundings, door, context.channel());
            if (!refused) {
                context.pipeline().remove(this);
            }
        } else if (refused) {
            ReferenceCountUtil.release(message);
        } else {
            context.fireChannelRead(message);
        }
    }

    /** Empty for a health check of the load balancer, and for what is no TCP. */
    private static Optional<ClientAddress> told(HAProxyMessage header) {
        boolean tcp = header.proxiedProtocol() == HAProxyProxiedProtocol.TCP4
                || header.proxiedProtocol() == HAProxyProxiedProtocol.TCP6;
        String source = header.sourceAddress();
        return tcp && source != null
                ? Optional.of(new ClientAddress(InetAddress.ofLiteral(source), header.sourcePort()))
                : Optional.empty();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        surroundings.counters().refusals(RefusalReason.MALFORMED).increment();
        ConnectionErrors.log("load-balancer", cause);
        Wire.close(context.channel());
    }
}
