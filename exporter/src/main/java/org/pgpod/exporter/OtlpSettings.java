package org.pgpod.exporter;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.exporter.push.OtlpEndpoint;

/** The options of the section {@code exporter} about the push of metrics by OTLP. */
record OtlpSettings(OtlpEndpoint.Settings endpoint, Duration interval) {
    private static final Option<Optional<URI>> ENDPOINT = Options.<Optional<URI>>of(
                    "otlpEndpoint",
                    "an address such as http://collector:4318/v1/metrics without user or password, or empty for none",
                    "Where metrics are sent by OTLP over HTTP, besides being served. Empty: nowhere.",
                    text -> text.isBlank() ? Optional.empty() : Optional.of(collector(URI.create(text.strip()))))
            .withDefault("");
    private static final Option<Duration> INTERVAL = Options.duration(
                    "otlpInterval",
                    Duration.ofSeconds(1),
                    Duration.ofHours(1),
                    "The time from the end of one push to the next.")
            .withDefault("60s");
    private static final Option<Optional<Path>> HEADERS_FILE = Options.optionalPath(
            "otlpHeadersFile",
            "A file with headers for that server, one `Name: value` a line, such as a token; read for each push.");
    private static final Option<Optional<Path>> AUTHORITIES = Options.optionalPath(
            "otlpAuthorities",
            "The authorities that the certificate of that server must be signed by, as PEM. Empty: those of the Java"
                    + " runtime.");
    private static final Option<Duration> TIMEOUT = Options.duration(
                    "otlpTimeout",
                    Duration.ofMillis(100),
                    Duration.ofMinutes(5),
                    "The longest time for one request to that server, of at most " + OtlpEndpoint.SERIES_MAX
                            + " series.")
            .withDefault("10s");

    static final List<Option<?>> OPTIONS = List.of(ENDPOINT, INTERVAL, HEADERS_FILE, AUTHORITIES, TIMEOUT);

    private static URI collector(URI address) {
        boolean http = List.of("http", "https").contains(String.valueOf(address.getScheme()));
        if (!http || address.getHost() == null || address.getUserInfo() != null) {
            throw new IllegalArgumentException("no address of a collector");
        }
        return address;
    }

    /** The settings, if metrics are to be sent anywhere. */
    static Optional<OtlpSettings> from(Values values) {
        return values.get(ENDPOINT)
                .map(url -> new OtlpSettings(
                        new OtlpEndpoint.Settings(
                                url, values.get(HEADERS_FILE), values.get(AUTHORITIES), values.get(TIMEOUT)),
                        values.get(INTERVAL)));
    }
}
