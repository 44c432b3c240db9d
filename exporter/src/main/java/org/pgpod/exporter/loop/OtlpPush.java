package org.pgpod.exporter.loop;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.OwnMetric;
import org.pgpod.exporter.push.OtlpEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what a scrape would show to a collector at an interval, one push after the other. It waits for collections as a scrape
 * does, and no scrape waits for it.
 */
public final class OtlpPush implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OtlpPush.class);

    private final OtlpEndpoint endpoint;
    private final Duration interval;
    private final Supplier<List<MetricFamily>> families;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final LongAdder sent = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder rejected = new LongAdder();

    // Used by the thread that pushes alone.
    private String lastProblem = "";

    /**
     * Prepares everything and starts nothing.
     *
     * @param families makes what is sent
     */
    public OtlpPush(OtlpEndpoint endpoint, Duration interval, Supplier<List<MetricFamily>> families) {
        this.endpoint = endpoint;
        this.interval = interval;
        this.families = families;
    }

    /** Pushes from now on. */
    public void start() {
        Thread.ofVirtual().name("otlp").start(this::run);
    }

    private void run() {
        try {
            while (!stopping.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                push();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void push() throws InterruptedException {
        try {
            switch (endpoint.push(families.get(), Instant.now())) {
                case OtlpEndpoint.Outcome.Sent(var points, var reason) -> {
                    sent.increment();
                    rejected.add(points);
                    say(points == 0 ? "" : points + " points were rejected: " + reason);
                }
                case OtlpEndpoint.Outcome.Failed(var reason) -> {
                    failed.increment();
                    if (stopping.getCount() > 0) {
                        say(reason);
                    }
                }
            }
        } catch (RuntimeException surprise) {
            failed.increment();
            LOG.error("push of metrics failed", surprise);
        }
    }

    /** One line for each change of state. */
    private void say(String problem) {
        if (problem.equals(lastProblem)) {
            return;
        }
        if (problem.isEmpty()) {
            LOG.info("metrics are pushed again");
        } else {
            LOG.warn("metrics are not pushed reason={}", problem);
        }
        lastProblem = problem;
    }

    /** How pushes ended so far. */
    public List<MetricFamily> outcomes() {
        return List.of(
                OwnMetric.OTLP_PUSHES
                        .builder()
                        .add(LabelText.of("outcome", "sent"), sent.doubleValue())
                        .add(LabelText.of("outcome", "failed"), failed.doubleValue())
                        .build(),
                OwnMetric.OTLP_REJECTED.of(rejected.doubleValue()));
    }

    @Override
    public void close() {
        stopping.countDown();
        endpoint.close();
    }
}
