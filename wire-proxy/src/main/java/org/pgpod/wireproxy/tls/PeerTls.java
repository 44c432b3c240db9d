package org.pgpod.wireproxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.pgpod.core.tls.CertificatePair;
import org.pgpod.core.tls.CertificateWatch;

/**
 * The client's side of TLS towards the peers' port of another pod: direct TLS, certificates on both sides. Whoever shows
 * a certificate of the authority in {@code ca.crt} is a peer; names are not compared, because peers are reached by the
 * addresses that the leader Lease gives.
 */
public final class PeerTls {
    private final ReloadedContext<Map<PeerProtocol, SslContext>> contexts;

    private PeerTls(ReloadedContext<Map<PeerProtocol, SslContext>> contexts) {
        this.contexts = contexts;
    }

    /** Reads the certificate; the error says in one sentence what is wrong with it. */
    public static PeerTls open(Path directory) throws IOException {
        return new PeerTls(ReloadedContext.open(directory, PeerTls::contextsOf));
    }

    private static Map<PeerProtocol, SslContext> contextsOf(CertificatePair pair) throws SSLException {
        ReloadedContext.requireAuthorities(pair);
        Map<PeerProtocol, SslContext> contexts = new EnumMap<>(PeerProtocol.class);
        for (PeerProtocol protocol : PeerProtocol.values()) {
            contexts.put(
                    protocol,
                    SslContextBuilder.forClient()
                            .keyManager(pair.key(), pair.chain().toArray(X509Certificate[]::new))
                            .trustManager(pair.authorities().toArray(X509Certificate[]::new))
                            .endpointIdentificationAlgorithm(null)
                            .sslProvider(ReloadedContext.providerFor(pair))
                            .protocols("TLSv1.3", "TLSv1.2")
                            .applicationProtocolConfig(ServerTls.protocolNames(protocol.offered()))
                            .build());
        }
        return contexts;
    }

    /** A handler for one connection, which begins a handshake as soon as that is made. */
    public SslHandler handler(PeerProtocol protocol, ByteBufAllocator allocator, Duration handshakeTimeout) {
        SslContext context = Objects.requireNonNull(contexts.current().get(protocol));
        SslHandler handler = context.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    /** The files of the certificate, checked by their owner at a cadence. */
    public CertificateWatch certificate() {
        return contexts.certificate();
    }
}
