package org.pgpod.wireproxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.pgpod.core.tls.CertificatePair;
import org.pgpod.core.tls.CertificateWatch;

/**
 * The TLS side of one listener: each handshake uses the certificate that was current when it began, and sessions that
 * are open keep theirs. TLS as the policy says, no session tickets, the protocol name {@code postgresql}.
 */
public final class ServerTls {
    /**
     * The most that one TLS record carries, as from Postgres itself. libpq reads so much at once and may then wait on the
     * socket for the rest of a larger record, which it already holds: a client with the asynchronous API, or pg_basebackup,
     * would hang.
     */
    static final int RECORD_BYTES_MAX = 8_192;

    /** The protocol name (ALPN) that direct TLS connections must ask for. */
    public static final String PROTOCOL_NAME = "postgresql";

    static ApplicationProtocolConfig protocolNames(List<String> names) {
        return new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                // The only behaviour that both providers have; who needs the name checks it afterwards.
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                names);
    }

    /** Whose certificate is asked for in the handshake. */
    public enum Verification {
        /** The server's alone. */
        SERVER,
        /** The client must show one too, signed by the authority in {@code ca.crt}. */
        BOTH
    }

    private final Verification verification;
    private final ClientCertificates clients;
    private final ReloadedContext<SslContext> context;

    private ServerTls(Verification verification, ClientCertificates clients, ReloadedContext<SslContext> context) {
        this.verification = verification;
        this.clients = clients;
        this.context = context;
    }

    /** Reads the certificate; the error says in one sentence what is wrong with it. */
    public static ServerTls open(Path directory, Verification verification, TlsPolicy policy) throws IOException {
        ClientCertificates none = ClientCertificates.none();
        return new ServerTls(
                verification,
                none,
                ReloadedContext.open(directory, pair -> contextOf(pair, verification, none, policy)));
    }

    /** The same for clients of whom certificates may be asked. */
    public static ServerTls open(Path directory, ClientCertificates clients, TlsPolicy policy) throws IOException {
        Verification verification = Verification.SERVER;
        return new ServerTls(
                verification,
                clients,
                ReloadedContext.open(directory, pair -> contextOf(pair, verification, clients, policy)));
    }

    /** Looks at the files once; called at a cadence from one thread. */
    public void check() {
        certificate().check();
        if (clients.check()) {
            context.remake();
        }
    }

    /** What is wrong with the files as they are now; empty while nothing is. */
    public Optional<String> problem() {
        return certificate().problem().or(clients::problem);
    }

    /** Which implementation of TLS this process uses, for the log. */
    public static String providerName() {
        return ReloadedContext.PROVIDER == SslProvider.JDK ? "JDK" : "BoringSSL";
    }

    /** The policy of these settings for the implementation that this process uses. */
    public static TlsPolicy policy(String leastVersion, List<String> suitesOfTls12) throws IOException {
        return TlsPolicy.from(leastVersion, suitesOfTls12, ReloadedContext.PROVIDER);
    }

    /** A handler for one connection, which begins a handshake at once. */
    public SslHandler handler(ByteBufAllocator allocator, Duration handshakeTimeout) {
        SslHandler handler = context.current().newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        handler.setWrapDataSize(RECORD_BYTES_MAX);
        return handler;
    }

    /** The certificate that was shown to the client in the handshake of this very connection. */
    public static Optional<X509Certificate> shown(SslHandler handler) {
        Certificate[] chain = handler.engine().getSession().getLocalCertificates();
        return chain != null && chain.length > 0 && chain[0] instanceof X509Certificate leaf
                ? Optional.of(leaf)
                : Optional.empty();
    }

    /** The files of the certificate, checked by their owner at a cadence. */
    public CertificateWatch certificate() {
        return context.certificate();
    }

    @Override
    public String toString() {
        return "ServerTls[" + verification + ", " + certificate().current() + "]";
    }

    private static SslContext contextOf(
            CertificatePair pair, Verification verification, ClientCertificates clients, TlsPolicy policy)
            throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forServer(
                        pair.key(), pair.chain().toArray(X509Certificate[]::new))
                .sslProvider(ReloadedContext.providerFor(pair))
                .protocols(policy.versions())
                .ciphers(policy.suites().isEmpty() ? null : policy.suites())
                .applicationProtocolConfig(
                        protocolNames(verification == Verification.BOTH ? PeerProtocol.all() : List.of(PROTOCOL_NAME)));
        if (verification == Verification.BOTH) {
            ReloadedContext.requireAuthorities(pair);
            builder.clientAuth(ClientAuth.REQUIRE)
                    .trustManager(pair.authorities().toArray(X509Certificate[]::new));
        }
        if (clients.areAskedFor()) {
            List<X509Certificate> authorities = clients.authorities(pair);
            if (authorities.isEmpty()) {
                throw new SSLException(
                        "it has no ca.crt, and wireProxy.clientCa is not set, by which clients are verified");
            }
            // Whether one is there is judged behind the handshake, where the client can be told.
            builder.clientAuth(ClientAuth.OPTIONAL).trustManager(authorities.toArray(X509Certificate[]::new));
        }
        return builder.build();
    }
}
