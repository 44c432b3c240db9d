package org.pgpod.haagent.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;

/**
 * Measures requests to the Kubernetes API: {@code pgpod_ha_api_request_seconds} by verb, resource and outcome, and
 * {@code pgpod_ha_api_throttled_seconds}, which is what requests waited for the client's own limit.
 */
public final class ApiMeters {
    /** For callers that nobody scrapes. */
    public static final ApiMeters NONE = new ApiMeters(new CompositeMeterRegistry());

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(200),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;

    public ApiMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void answered(ApiRequestKind kind, ApiAnswer answer, Duration time) {
        Timer.builder("pgpod.ha.api.request")
                .description("Requests to the Kubernetes API, from when they were sent to their end")
                .tag("verb", kind.verb())
                .tag("resource", kind.resource())
                .tag("outcome", outcome(answer))
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(time);
    }

    void throttled(Duration time) {
        Timer.builder("pgpod.ha.api.throttled")
                .description("What requests to the Kubernetes API waited for the agent's own limit")
                .register(registry)
                .record(time);
    }

    /** The status, or one word for an answer that never came. */
    private static String outcome(ApiAnswer answer) {
        return switch (answer) {
            case ApiAnswer.Answered(int status, String ignored) -> Integer.toString(status);
            case ApiAnswer.NotReached ignored -> "not_reached";
            case ApiAnswer.Lost ignored -> "lost";
        };
    }
}
