package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.telemetry.ListenerName;

/**
 * Passes one CancelRequest to Postgres, which knows the backend's key because session keys pass unchanged, and from a
 * standby's pod also to the primary's, where the session of a forwarded client lives. Closes the client's connection when
 * all of them have closed theirs: that is how a client learns that the request was processed.
 */
final class CancelRelay extends ChannelInboundHandlerAdapter {
    private final Surroundings surroundings;
    private final Door door;
    private final ByteBuf request;
    private int underway = 1;

    CancelRelay(Surroundings surroundings, Door door, ByteBuf request) {
        this.surroundings = surroundings;
        this.door = door;
        this.request = request;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        Channel client = context.channel();
        surroundings.forwarding().filter(forwarding -> mayBeElsewhere()).ifPresent(forwarding -> {
            underway++;
            Copy copy = new Copy(client, request.retainedDuplicate());
            new LeaderSocket(surroundings, forwarding, client.eventLoop())
                    .connect(surroundings.lease().view().leader(), () -> copy, copy::send, copy::unreachable);
        });
        Copy copy = new Copy(client, request);
        new PostgresSocket(surroundings, client, () -> copy, copy::send, copy::unreachable).connect();
        surroundings.counters().cancelRequests.increment();
    }

    private boolean mayBeElsewhere() {
        LeaseView view = surroundings.lease().view();
        return door.name() != ListenerName.PEERS
                && view.role() != Role.PRIMARY
                && !view.leader().isEmpty();
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

    /** The request on its way to one server. */
    private final class Copy extends ChannelInboundHandlerAdapter {
        private final Channel client;
        private final ByteBuf bytes;
        private boolean sent;
        private boolean over;

        Copy(Channel client, ByteBuf bytes) {
            this.client = client;
            this.bytes = bytes;
        }

        void send(Channel server) {
            sent = true;
            Wire.writeAndFlush(server, bytes);
            if (!server.isActive()) {
                end();
            }
        }

        void unreachable(Throwable cause) {
            ConnectionErrors.log("cancel", cause);
            end();
        }

        private void end() {
            if (over) {
                return;
            }
            over = true;
            if (!sent) {
                bytes.release();
            }
            underway--;
            if (underway == 0) {
                Wire.close(client);
            }
        }

        // A connection to a Unix socket may be tried several times, each with this handler.
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object answer) {
            // Postgres answers a cancel request with nothing but the end of the connection.
            ((ByteBuf) answer).release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            ConnectionErrors.log("cancel", cause);
            Wire.close(context.channel());
        }
    }
}
