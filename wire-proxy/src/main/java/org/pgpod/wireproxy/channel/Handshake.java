package org.pgpod.wireproxy.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.util.Optional;
import org.pgpod.wireproxy.auth.ChannelBinding;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.tls.ClientCertificates;
import org.pgpod.wireproxy.tls.ServerTls;

/** What the TLS handshake of a client's connection has shown. */
final class Handshake {
    private Handshake() {}

    /** The protocol name (ALPN) that was agreed on; empty for none. */
    static Optional<String> protocolName(ChannelHandlerContext context) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        return Optional.ofNullable(tls).flatMap(handler -> Optional.ofNullable(handler.applicationProtocol()));
    }

    /** To what a client can bind its proof of a password. */
    static ChannelBinding binding(ChannelHandlerContext context) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        if (tls == null) {
            return new ChannelBinding.NoTls();
        }
        return ServerTls.shown(tls).map(ChannelBinding::of).orElseGet(ChannelBinding.Unbindable::new);
    }

    /** Why a client with its certificate, or without one, may not ask to be this role; empty if it may. */
    static Optional<FatalError> refusal(ChannelHandlerContext context, ClientCertificates certificates, String role) {
        return switch (certificates.judge(context.pipeline().get(SslHandler.class), role)) {
            case FITS -> Optional.empty();
            case MISSING ->
                Optional.of(new FatalError("28000", "connection requires a valid client certificate", "", ""));
            case NAMES_ANOTHER ->
                Optional.of(new FatalError(
                        "28000",
                        "certificate authentication failed for user \"" + role + "\"",
                        "The client certificate does not name this role.",
                        ""));
        };
    }
}
