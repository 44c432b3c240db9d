package org.pgpod.wireproxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
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
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.tls.CertificatePair;
import org.pgpod.core.tls.CertificateWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    /** BoringSSL where its library can be loaded, which costs about half the processor time of the JDK's TLS. */
    private static final SslProvider PROVIDER = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

    /** Whose certificate is asked for in the handshake. */
    public enum Verification {
        /** The server's alone. */
        SERVER,
        /** The client must show one too, signed by the authority in {@code ca.crt}. */
        BOTH
    }

    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

    private final Verification verification;
    private final TlsPolicy policy;
    private final CertificateWatch watch;

    /** Null only until the watch has handed over the first certificate. */
    private volatile @Nullable SslContext context;

    private ServerTls(Path directory, Verification verification, TlsPolicy policy) throws IOException {
        this.verification = verification;
        this.policy = policy;
        this.watch = CertificateWatch.open(directory, pair -> adopt(pair, directory));
    }

    private void adopt(CertificatePair pair, Path directory) {
        try {
            context = contextOf(pair, verification, policy, directory);
        } catch (UnusableCertificateException unusable) {
            if (context == null) {
                throw unusable;
            }
            LOG.error("certificate not adopted, the last good one stays reason={}", unusable.getMessage());
        }
    }

    /** Reads the certificate; the error says in one sentence what is wrong with it. */
    public static ServerTls open(Path directory, Verification verification, TlsPolicy policy) throws IOException {
        try {
            return new ServerTls(directory, verification, policy);
        } catch (UnusableCertificateException unusable) {
            throw new IOException(unusable.getMessage(), unusable);
        }
    }

    /** Which implementation of TLS this process uses, for the log. */
    public static String providerName() {
        return PROVIDER == SslProvider.JDK ? "JDK" : "BoringSSL";
    }

    /** The policy of these settings for the implementation that this process uses. */
    public static TlsPolicy policy(String leastVersion, List<String> suitesOfTls12) throws IOException {
        return TlsPolicy.from(leastVersion, suitesOfTls12, PROVIDER);
    }

    /** A handler for one connection, which begins a handshake at once. */
    public SslHandler handler(ByteBufAllocator allocator, Duration handshakeTimeout) {
        SslHandler handler = Objects.requireNonNull(context).newHandler(allocator);
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
        return watch;
    }

    @Override
    public String toString() {
        return "ServerTls[" + verification + ", " + watch.current() + "]";
    }

    // For an Ed25519 key Netty's BoringSSL fails with clients that name signature schemes as the JDK does.
    private static SslProvider providerFor(CertificatePair pair) {
        boolean edwards = pair.chain().getFirst().getPublicKey().getAlgorithm().matches("EdDSA|Ed25519");
        return edwards ? SslProvider.JDK : PROVIDER;
    }

    private static SslContext contextOf(
            CertificatePair pair, Verification verification, TlsPolicy policy, Path directory) {
        if (verification == Verification.BOTH && pair.authorities().isEmpty()) {
            throw new UnusableCertificateException(
                    "the certificate directory " + directory + " has no ca.crt, by which peers are verified", null);
        }
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            pair.key(), pair.chain().toArray(X509Certificate[]::new))
                    .sslProvider(providerFor(pair))
                    .protocols(policy.versions())
                    .ciphers(policy.suites().isEmpty() ? null : policy.suites())
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            // The only behaviour that both providers have; who needs the name checks it afterwards.
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            PROTOCOL_NAME));
            if (verification == Verification.BOTH) {
                builder.clientAuth(ClientAuth.REQUIRE)
                        .trustManager(pair.authorities().toArray(X509Certificate[]::new));
            }
            return builder.build();
        } catch (SSLException unusable) {
            throw new UnusableCertificateException(
                    "the certificate in " + directory + " cannot be used for TLS: " + unusable.getMessage(), unusable);
        }
    }

    /** A certificate that was read but that no TLS context can be made of. */
    private static final class UnusableCertificateException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnusableCertificateException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
