package org.pgpod.logshipper.forward;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A sink that takes records at least once.
 *
 * @param directory where its position is kept, and what it has refused
 */
public record ForwardSettings(Kind kind, Path directory, Optional<Http> http) {
    /** What it is. The name is that of its files and metrics. */
    public enum Kind {
        OTLP,
        LOKI,
        HTTP,
        STDOUT;

        /** In lower case, as in {@code sink="otlp"}. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * Where requests go.
     *
     * @param tokenFile holds the bearer token, read for each request
     * @param tenant the value of {@code X-Scope-OrgID}, for Loki
     * @param authorities what the server's certificate must be signed by; without it the authorities of the Java runtime
     * @param timeout for one request with its answer
     * @param requestBytesMax records beyond this size, before compression, go into another request
     */
    public record Http(
            URI url,
            Optional<Path> tokenFile,
            Optional<String> tenant,
            Optional<Path> authorities,
            Duration timeout,
            int requestBytesMax) {}
}
