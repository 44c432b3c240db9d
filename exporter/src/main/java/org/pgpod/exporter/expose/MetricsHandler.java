package org.pgpod.exporter.expose;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.Scrape;

/** Answers {@code /metrics} within the deadline that the scraper announces, and never later than the exporter's own. */
public final class MetricsHandler implements HttpHandler {
    /** The header in which Prometheus says how long it waits, in seconds. */
    static final String TIMEOUT_HEADER = "X-Prometheus-Scrape-Timeout-Seconds";

    /** What is left of the scraper's patience for rendering and the way back. */
    private static final Duration MARGIN = Duration.ofMillis(500);

    private static final Duration DEADLINE_MIN = Duration.ofMillis(100);
    private static final double MILLIS_PER_SECOND = 1_000;
    private static final double SECONDS_MAX = 3_600;
    private static final int OK = 200;
    private static final int LENGTH_UNKNOWN = 0;

    private final Function<Duration, Scrape> scrapes;
    private final Supplier<List<MetricFamily>> own;
    private final Supplier<String> meters;
    private final Duration deadlineMax;

    /**
     * A handler.
     *
     * @param scrapes makes a scrape that waits no longer than the given time
     * @param own families of the exporter itself
     * @param meters the page of the exporter's meters
     */
    public MetricsHandler(
            Function<Duration, Scrape> scrapes,
            Supplier<List<MetricFamily>> own,
            Supplier<String> meters,
            Duration deadlineMax) {
        this.scrapes = scrapes;
        this.own = own;
        this.meters = meters;
        this.deadlineMax = deadlineMax;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Scrape scrape = scrapes.apply(deadline(exchange.getRequestHeaders().getFirst(TIMEOUT_HEADER), deadlineMax));
        ContentNegotiation wanted = ContentNegotiation.of(exchange.getRequestHeaders());
        ExpositionBuffer page = MetricsPage.render(wanted.format(), scrape, own.get(), meters.get());
        exchange.getResponseHeaders().set("Content-Type", wanted.format().contentType());
        exchange.getResponseHeaders().set("Vary", "Accept, Accept-Encoding");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(OK, -1);
        } else if (wanted.gzip()) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(OK, LENGTH_UNKNOWN);
            try (OutputStream body = new FastGzip(exchange.getResponseBody())) {
                page.writeTo(body);
            }
        } else {
            exchange.sendResponseHeaders(OK, page.length());
            page.writeTo(exchange.getResponseBody());
        }
    }

    /** Metrics shrink to a tenth at the lowest level already; higher ones cost several times the CPU. */
    private static final class FastGzip extends GZIPOutputStream {
        private static final int BUFFER_BYTES = 16_384;

        FastGzip(OutputStream out) throws IOException {
            super(out, BUFFER_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    /** How long a scrape may wait, given the header's value; a header that is no sensible number does not count. */
    static Duration deadline(@Nullable String header, Duration most) {
        if (header == null) {
            return most;
        }
        try {
            double seconds = Double.parseDouble(header);
            if (!(seconds > 0 && seconds <= SECONDS_MAX)) {
                return most;
            }
            Duration announced =
                    Duration.ofMillis((long) (seconds * MILLIS_PER_SECOND)).minus(MARGIN);
            Duration atLeast = announced.compareTo(DEADLINE_MIN) < 0 ? DEADLINE_MIN : announced;
            return atLeast.compareTo(most) < 0 ? atLeast : most;
        } catch (NumberFormatException noNumber) {
            return most;
        }
    }
}
