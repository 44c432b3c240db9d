package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;
import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.telemetry.ListenerName;
import org.pgpod.wireproxy.tls.PeerProtocol;

/**
 * Passes one CancelRequest to Postgres, which knows the backend's key because session keys pass unchanged, and to the other
 * pods where the session may live: from a standby's pod to the primary's, and to each standby that has clients of this
 * proxy. Closes the client's connection when
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
        surroundings
                .forwarding()
                .ifPresent(forwarding -> pods().forEach(pod -> {
                    underway++;
                    Copy copy = new Copy(client, request.retainedDuplicate());
                    new PeerSocket(surroundings, forwarding, client.eventLoop())
                            .connect(pod, PeerProtocol.PLAIN, () -> copy, copy::send, copy::unreachable);
                }));
        Copy copy = new Copy(client, request);
        new PostgresSocket(surroundings, client, () -> copy, copy::send, copy::unreachable).connect();
        surroundings.counters().cancelRequests.increment();
    }

    private List<String> pods() {
        if (door.name() == ListenerName.PEERS) {
            return List.of();
        }
        List<String> pods = new ArrayList<>();
        LeaseView view = surroundings.lease().view();
        if (view.role() != Role.PRIMARY && !view.leader().isEmpty()) {
            pods.add(view.leader());
        }
        if (door.name() == ListenerName.STANDBYS) {
            surroundings
                    .standbys()
                    .ifPresent(standbys -> standbys.all().stream()
                            .filter(one -> one.sessions() > 0 && !standbys.isHere(one))
                            .forEach(one -> pods.add(one.host())));
        }
        return pods;
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
