package org.pgpod.wireproxy.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.tls.CertificatePair;
import org.pgpod.core.tls.CertificateWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS context of the certificate that is current in a directory; the last good one while none there is usable.
 *
 * @param <C> one context, or several of the same certificate
 */
final class ReloadedContext<C> {
    /** BoringSSL where its library can be loaded, which costs about half the processor time of the JDK's TLS. */
    static final SslProvider PROVIDER = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

    private static final Logger LOG = LoggerFactory.getLogger(ReloadedContext.class);

    /** Makes a context of a certificate, its key and its authorities. */
    interface Maker<C> {
        C contextOf(CertificatePair pair) throws SSLException;
    }

    private final Path directory;
    private final Maker<C> maker;
    private final CertificateWatch watch;

    /** Null only until the watch has handed over the first certificate. */
    private volatile @Nullable C context;

    private ReloadedContext(Path directory, Maker<C> maker) throws IOException {
        this.directory = directory;
        this.maker = maker;
        this.watch = CertificateWatch.open(directory, this::adopt);
    }

    /** Reads the certificate; the error says in one sentence what is wrong with it. */
    static <C> ReloadedContext<C> open(Path directory, Maker<C> maker) throws IOException {
        try {
            return new ReloadedContext<>(directory, maker);
        } catch (UnusableCertificateException unusable) {
            throw new IOException(unusable.getMessage(), unusable);
        }
    }

    private void adopt(CertificatePair pair) {
        try {
            context = maker.contextOf(pair);
        } catch (SSLException | IllegalArgumentException failure) {
            String reason = "the certificate in " + directory + " cannot be used for TLS: " + failure.getMessage();
            if (context == null) {
                throw new UnusableCertificateException(reason, failure);
            }
            LOG.error("certificate not adopted, the last good one stays reason={}", reason);
        }
    }

    // For an Ed25519 key Netty's BoringSSL fails with clients that name signature schemes as the JDK does.
    static SslProvider providerFor(CertificatePair pair) {
        boolean edwards = pair.chain().getFirst().getPublicKey().getAlgorithm().matches("EdDSA|Ed25519");
        return edwards ? SslProvider.JDK : PROVIDER;
    }

    /** Whoever verifies the other side needs an authority to do it by. */
    static void requireAuthorities(CertificatePair pair) throws SSLException {
        if (pair.authorities().isEmpty()) {
            throw new SSLException("it has no ca.crt, by which peers are verified");
        }
    }

    /** Makes the context anew, because something else of which it is made has changed. */
    void remake() {
        adopt(watch.current());
    }

    C current() {
        return Objects.requireNonNull(context);
    }

    CertificateWatch certificate() {
        return watch;
    }

    /** A certificate that was read but that no TLS context can be made of. */
    private static final class UnusableCertificateException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnusableCertificateException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
