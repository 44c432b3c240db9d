package org.pgpod.wireproxy;

import com.sun.net.httpserver.HttpExchange;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Serves the meters in the Prometheus text format, or in OpenMetrics, which has exemplars, to who asks for that. */
final class Exposition {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static final String OPEN_METRICS_TYPE = "application/openmetrics-text";
    private static final int OK = 200;

    private final MeterRegistry meters;

    Exposition(MeterRegistry meters) {
        this.meters = meters;
    }

    void answer(HttpExchange exchange) throws IOException {
        String accepted = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Accept"))
                .orElse("");
        String format = accepted.contains(OPEN_METRICS_TYPE) ? OPEN_METRICS : TEXT;
        exchange.getResponseHeaders().set("Content-Type", format);
        byte[] body = scrape(format).getBytes(StandardCharsets.UTF_8);
        boolean withoutBody = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
        exchange.sendResponseHeaders(OK, withoutBody ? -1 : body.length);
        if (!withoutBody) {
            exchange.getResponseBody().write(body);
        }
    }

    private String scrape(String format) {
        return meters instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape(format) : "";
    }
}
