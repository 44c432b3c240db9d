package org.pgpod.logshipper.loop;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.logshipper.forward.ForwardSettings;
import org.pgpod.logshipper.forward.ForwardSettings.Kind;

/** The options of the section {@code logShipper} about sinks that take records at least once. */
final class ForwardOptions {
    private static final Option<Optional<URI>> OTLP_URL = url(
            "otlpUrl",
            "Where an OpenTelemetry collector takes logs by OTLP over HTTP, such as `http://collector:4318/v1/logs`."
                    + " Empty: nowhere.");
    private static final Option<Optional<Path>> OTLP_TOKEN_FILE = tokenFile("otlpTokenFile", "that collector");
    private static final Option<Optional<URI>> LOKI_URL =
            url("lokiUrl", "Where Loki takes logs, such as `http://loki:3100/loki/api/v1/push`. Empty: nowhere.");
    private static final Option<Optional<Path>> LOKI_TOKEN_FILE = tokenFile("lokiTokenFile", "Loki");
    private static final Option<Optional<String>> LOKI_TENANT =
            Options.optionalText("lokiTenant", "The tenant, sent as `X-Scope-OrgID`.");
    private static final Option<Optional<URI>> HTTP_URL =
            url("httpUrl", "Where a server takes records by POST, one JSON object a line. Empty: nowhere.");
    private static final Option<Optional<Path>> HTTP_TOKEN_FILE = tokenFile("httpTokenFile", "that server");
    private static final Option<Boolean> STDOUT = Options.flag(
                    "stdout", "Whether records are written to the standard output, one JSON object a line.")
            .withDefault("false");
    private static final Option<Optional<Path>> AUTHORITIES = Options.optionalPath(
            "forwardAuthorities",
            "The authorities that certificates of the servers behind `otlpUrl`, `lokiUrl` and `httpUrl` must be signed"
                    + " by, as PEM. Empty: those of the Java runtime.");
    private static final Option<Duration> TIMEOUT = Options.duration(
                    "forwardTimeout",
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(10),
                    "The longest time for one request to those servers.")
            .withDefault("30s");
    private static final Option<Long> REQUEST_BYTES_MAX = Options.bytes(
                    "forwardRequestBytes",
                    4_096,
                    64L * 1_024 * 1_024,
                    "Records in one request to those servers, before compression; a longer record goes alone.")
            .withDefault("1MiB");

    static final List<Option<?>> ALL = List.of(
            OTLP_URL,
            OTLP_TOKEN_FILE,
            LOKI_URL,
            LOKI_TOKEN_FILE,
            LOKI_TENANT,
            HTTP_URL,
            HTTP_TOKEN_FILE,
            STDOUT,
            AUTHORITIES,
            TIMEOUT,
            REQUEST_BYTES_MAX);

    private ForwardOptions() {}

    private static Option<Optional<URI>> url(String key, String description) {
        return Options.<Optional<URI>>of(
                        key,
                        "a URL such as http://host:4318/path without user or password, or empty for none",
                        description,
                        text -> text.isBlank() ? Optional.empty() : Optional.of(url(text)))
                .withDefault("");
    }

    private static URI url(String text) {
        URI url = URI.create(text);
        boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (!http || url.getHost() == null || url.getUserInfo() != null || url.getFragment() != null) {
            throw new IllegalArgumentException("not such a URL");
        }
        return url;
    }

    private static Option<Optional<Path>> tokenFile(String key, String server) {
        return Options.optionalPath(
                key, "A file with the bearer token for " + server + ", read for each request. Empty: none.");
    }

    static List<ForwardSettings> from(Values values, Path directory) {
        List<ForwardSettings> sinks = new ArrayList<>();
        values.get(OTLP_URL)
                .map(url -> http(values, url, OTLP_TOKEN_FILE, Optional.empty()))
                .ifPresent(http -> sinks.add(new ForwardSettings(Kind.OTLP, directory, Optional.of(http))));
        values.get(LOKI_URL)
                .map(url -> http(values, url, LOKI_TOKEN_FILE, values.get(LOKI_TENANT)))
                .ifPresent(http -> sinks.add(new ForwardSettings(Kind.LOKI, directory, Optional.of(http))));
        values.get(HTTP_URL)
                .map(url -> http(values, url, HTTP_TOKEN_FILE, Optional.empty()))
                .ifPresent(http -> sinks.add(new ForwardSettings(Kind.HTTP, directory, Optional.of(http))));
        if (values.get(STDOUT)) {
            sinks.add(new ForwardSettings(Kind.STDOUT, directory, Optional.empty()));
        }
        return List.copyOf(sinks);
    }

    private static ForwardSettings.Http http(
            Values values, URI url, Option<Optional<Path>> tokenFile, Optional<String> tenant) {
        return new ForwardSettings.Http(
                url,
                values.get(tokenFile),
                tenant,
                values.get(AUTHORITIES),
                values.get(TIMEOUT),
                values.get(REQUEST_BYTES_MAX).intValue());
    }
}
