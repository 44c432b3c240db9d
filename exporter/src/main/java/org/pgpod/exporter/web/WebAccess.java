package org.pgpod.exporter.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.admin.Gate;
import org.pgpod.core.config.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access to the exporter's port by a web configuration file, which is read again when it or a file that it names changes.
 * While the new state is not usable the last good one stays, and {@link #problem} says why.
 */
public final class WebAccess implements Gate, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebAccess.class);
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
    private static final int UNAUTHORIZED = 401;

    private final Optional<Path> file;
    private final BasicAuthentication authentication = new BasicAuthentication();
    private final ScheduledExecutorService checks = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("web-configuration").daemon().unstarted(task));
    private volatile State current;
    private volatile Optional<String> problem = Optional.empty();

    private record State(WebConfiguration configuration, Optional<TlsMaterial> tls) {
        static State load(Path file) throws ConfigurationException, IOException {
            WebConfiguration configuration = WebConfigurationReader.read(file);
            return new State(
                    configuration,
                    configuration.tls().isEmpty()
                            ? Optional.empty()
                            : Optional.of(TlsMaterial.load(configuration.tls().get())));
        }

        boolean sameAs(State other) {
            return configuration.equals(other.configuration)
                    && tls.isPresent() == other.tls.isPresent()
                    && tls.map(mine -> mine.sameAs(other.tls.orElseThrow())).orElse(true);
        }
    }

    private WebAccess(Optional<Path> file, State first) {
        this.file = file;
        this.current = first;
    }

    /** Access by a file, whose first state must be usable; without one everybody may read, without TLS. */
    public static WebAccess open(Optional<Path> file) throws ConfigurationException {
        if (file.isEmpty()) {
            return new WebAccess(file, new State(WebConfiguration.OPEN, Optional.empty()));
        }
        try {
            return new WebAccess(file, State.load(file.get()));
        } catch (IOException unusable) {
            throw new ConfigurationException(
                    java.util.List.of(file.get() + ": tls_server_config: " + unusable.getMessage()));
        }
    }

    /** What speaks TLS on the port; empty for plain HTTP. */
    public Optional<HttpsConfigurator> tls() {
        return current.tls().map(_ -> WebTls.of(() -> current.tls().orElseThrow()));
    }

    /** Looks at the file from now on. */
    public void start() {
        if (file.isPresent()) {
            long millis = CHECK_INTERVAL.toMillis();
            var _ = checks.scheduleWithFixedDelay(() -> check(file.get()), millis, millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Whether there is a file at all. */
    public boolean configured() {
        return file.isPresent();
    }

    /** Why the file or what it names cannot be used as it is now; empty while it can. */
    public Optional<String> problem() {
        return problem;
    }

    /** When the certificate in use expires. */
    public Optional<Instant> certificateExpiry() {
        return current.tls().map(tls -> tls.pair().expiresAt());
    }

    private void check(Path changing) {
        try {
            State loaded = State.load(changing);
            if (loaded.tls().isPresent() != current.tls().isPresent()) {
                failed(changing + ": tls_server_config comes or goes with a restart only");
                return;
            }
            if (!loaded.sameAs(current)) {
                current = loaded;
                LOG.info("web configuration reloaded file={}", changing);
            }
            problem = Optional.empty();
        } catch (ConfigurationException refused) {
            failed(String.join("; ", refused.problems()));
        } catch (IOException unusable) {
            failed(changing + ": tls_server_config: " + unusable.getMessage());
        } catch (RuntimeException surprise) {
            LOG.error("web configuration check failed file={}", changing, surprise);
        }
    }

    private void failed(String reason) {
        if (!problem.equals(Optional.of(reason))) {
            LOG.error("web configuration not reloaded, the last good one stays reason={}", reason);
        }
        problem = Optional.of(reason);
    }

    @Override
    public boolean admits(HttpExchange exchange) {
        WebConfiguration configuration = current.configuration();
        configuration.headers().forEach(exchange.getResponseHeaders()::set);
        return configuration.users().isEmpty()
                || authentication.admits(exchange.getRequestHeaders().getFirst("Authorization"), configuration.users());
    }

    @Override
    public void refuse(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"pgpod exporter\"");
        AdminServer.answer(exchange, UNAUTHORIZED, "unauthorized\n");
    }

    @Override
    public void close() {
        checks.shutdownNow();
    }
}
