package org.pgpod.exporter.expose;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

    private final Function<Duration, Scrape> scrapes;
    private final Supplier<String> meters;
    private final Duration deadlineMax;

    /**
     * A handler.
     *
     * @param scrapes makes a scrape that waits no longer than the given time
     * @param meters the page of the exporter's meters
     */
    public MetricsHandler(Function<Duration, Scrape> scrapes, Supplier<String> meters, Duration deadlineMax) {
        this.scrapes = scrapes;
        this.meters = meters;
        this.deadlineMax = deadlineMax;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Scrape scrape = scrapes.apply(deadline(exchange.getRequestHeaders().getFirst(TIMEOUT_HEADER), deadlineMax));
        ExpositionBuffer page = MetricsPage.render(scrape, ProcessFamilies.read(), meters.get());
        exchange.getResponseHeaders().set("Content-Type", ExpositionBuffer.CONTENT_TYPE);
        boolean withoutBody = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(200, withoutBody ? -1 : page.length());
        if (!withoutBody) {
            page.writeTo(exchange.getResponseBody());
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
