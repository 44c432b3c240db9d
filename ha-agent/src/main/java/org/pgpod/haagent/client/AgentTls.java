package org.pgpod.haagent.client;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.pgpod.core.tls.CertificatePair;
import org.pgpod.core.tls.CurrentKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS between agents, and between people and agents, by certificates that are replaced while it is used. New handshakes
 * take the files as they were a few seconds ago; while they are not usable, the last good ones stay.
 */
public final class AgentTls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentTls.class);
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(2);
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final Path directory;
    private final Optional<Path> clientAuthorities;
    private final SSLContext context;
    private final ScheduledExecutorService checks = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("rest-certificates").daemon().unstarted(task));
    private volatile AgentCertificates current;

    private volatile Optional<String> problem = Optional.empty();

    private AgentTls(Path directory, Optional<Path> clientAuthorities, Optional<String> serverName) throws IOException {
        this.directory = directory;
        this.clientAuthorities = clientAuthorities;
        this.current = AgentCertificates.load(directory, clientAuthorities);
        try {
            this.context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new CurrentKey(() -> current.own())},
                    new TrustManager[] {new AgentTrust(() -> current, serverName)},
                    null);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has TLS", impossible);
        }
    }

    /**
     * TLS of an agent, which shows the certificate of {@code directory}, laid out like a cert-manager Secret.
     *
     * @param clientAuthorities PEM of those who vouch for people that change something; empty to ask nobody for one
     */
    public static AgentTls ofAgent(Path directory, Optional<Path> clientAuthorities) throws IOException {
        AgentTls tls = new AgentTls(directory, clientAuthorities, Optional.empty());
        if (tls.current.own().isEmpty()) {
            throw new IOException("the certificate file " + directory.resolve("tls.crt") + " is missing");
        }
        long millis = CHECK_INTERVAL.toMillis();
        var _ = tls.checks.scheduleWithFixedDelay(tls::check, millis, millis, TimeUnit.MILLISECONDS);
        return tls;
    }

    /**
     * TLS of one who asks agents.
     *
     * @param directory holds {@code ca.crt}, and {@code tls.crt} with {@code tls.key} to show
     * @param serverName what every agent's certificate must bear; empty for the address at which it is reached, or any name
     *     that our own certificate bears too
     */
    public static AgentTls ofCaller(Path directory, Optional<String> serverName) throws IOException {
        return new AgentTls(directory, Optional.empty(), serverName);
    }

    SSLContext context() {
        return context;
    }

    /** For a server: who presents a certificate must present a good one; who has none is served too. */
    public HttpsConfigurator server() {
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setProtocols(PROTOCOLS);
                wanted.setWantClientAuth(asksForCertificates());
                parameters.setSSLParameters(wanted);
            }
        };
    }

    /** Whether a certificate can admit anybody. */
    public boolean asksForCertificates() {
        return clientAuthorities.isPresent();
    }

    /** Until when our own certificate is good. */
    public Optional<java.time.Instant> expiresAt() {
        return current.own().map(CertificatePair::expiresAt);
    }

    /** Why the files as they are now cannot be used; empty while they can. */
    public Optional<String> problem() {
        return problem;
    }

    /**
     * Whether a certificate that was proved in the handshake admits its bearer to change something now: it is a person's,
     * or that of another agent, which hands on what it has admitted.
     */
    public boolean admits(X509Certificate[] chain) {
        return new AgentTrust(() -> current, Optional.empty()).admits(chain);
    }

    private void check() {
        try {
            AgentCertificates loaded = AgentCertificates.load(directory, clientAuthorities);
            if (loaded.own().isEmpty()) {
                throw new IOException("the certificate file " + directory.resolve("tls.crt") + " is missing");
            }
            boolean changed = !loaded.own()
                    .map(CertificatePair::digest)
                    .equals(current.own().map(CertificatePair::digest));
            current = loaded;
            problem = Optional.empty();
            if (changed) {
                LOG.info(
                        "certificate reloaded directory={} expires={}",
                        directory,
                        expiresAt().orElseThrow());
            }
        } catch (IOException unusable) {
            String reason = String.valueOf(unusable.getMessage());
            if (!problem.equals(Optional.of(reason))) {
                LOG.error("certificate not reloaded, the last good one stays reason={}", reason);
            }
            problem = Optional.of(reason);
        }
    }

    @Override
    public void close() {
        checks.shutdownNow();
    }
}
