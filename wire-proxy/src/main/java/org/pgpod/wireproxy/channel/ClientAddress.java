package org.pgpod.wireproxy.channel;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a connection comes from: what a trusted load balancer said, else its other end.
 *
 * @param address the client's address
 * @param port its port
 */
record ClientAddress(InetAddress address, int port) {
    private static final AttributeKey<ClientAddress> TOLD = AttributeKey.valueOf(ClientAddress.class, "told");

    /** Takes this for the connection's origin from now on. */
    void tellOf(Channel channel) {
        channel.attr(TOLD).set(this);
    }

    /** Empty when the other end has no address, because it has already gone. */
    static Optional<ClientAddress> of(Channel channel) {
        ClientAddress told = channel.attr(TOLD).get();
        if (told != null) {
            return Optional.of(told);
        }
        return channel.remoteAddress() instanceof InetSocketAddress remote && remote.getAddress() != null
                ? Optional.of(new ClientAddress(remote.getAddress(), remote.getPort()))
                : Optional.empty();
    }

    /** As in a log line: {@code 10.0.0.7:5000} or {@code [2001:db8::1]:5000}. */
    @Override
    public String toString() {
        String text = address.getHostAddress();
        return text.contains(":") ? "[" + text + "]:" + port : text + ":" + port;
    }
}
