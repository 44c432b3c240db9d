package org.pgpod.haagent.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.testing.TestKubernetes;

/** The client's own limit, the server's, and what is measured. */
class KubernetesApiTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final TestKubernetes kubernetes = TestKubernetes.standIn();
    private final AtomicLong nanos = new AtomicLong();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ClusterNames names = new ClusterNames("default", "demo");
    private final KubernetesApi limited = KubernetesApi.open(
            kubernetes.config(), TIMEOUT, Optional.of(new TokenBucket(1, 2, nanos::get)), new ApiMeters(meters));
    private final KubernetesApi leases = KubernetesApi.open(kubernetes.config(), TIMEOUT);

    @AfterEach
    void stop() {
        limited.close();
        leases.close();
        kubernetes.close();
    }

    private static int status(ApiAnswer answer) {
        return answer instanceof ApiAnswer.Answered answered ? answered.status() : 0;
    }

    @Test
    void whatIsBeyondTheLimitIsNotSent() {
        Duration shorter = Duration.ofSeconds(1);
        assertThat(status(limited.get(names.configMap(), TIMEOUT))).isEqualTo(404);
        assertThat(status(limited.get(names.configMap(), TIMEOUT))).isEqualTo(404);
        // The clock of the limit stands still: a token is a second away for ever.
        assertThat(limited.get(names.configMap(), shorter)).isInstanceOf(ApiAnswer.NotReached.class);
        assertThat(kubernetes.takeRequests()).hasSize(2);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(status(limited.get(names.configMap(), shorter))).isEqualTo(404);
    }

    @Test
    void aRequestWaitsForItsTurnWithinItsTime() {
        for (int sent = 0; sent < 3; sent++) {
            assertThat(status(limited.get(names.configMap(), TIMEOUT))).isEqualTo(404);
        }
        Timer throttled = meters.get("pgpod.ha.api.throttled").timer();
        assertThat(throttled.count()).isEqualTo(3);
        assertThat(throttled.totalTime(java.util.concurrent.TimeUnit.MILLISECONDS))
                .isEqualTo(1_000);
    }

    @Test
    void aServerThatShedsLoadIsLeftAloneForAsLongAsItSays() {
        kubernetes.trouble(TestKubernetes.Trouble.TOO_MANY_REQUESTS);
        assertThat(status(limited.get(names.configMap(), TIMEOUT))).isEqualTo(429);
        kubernetes.trouble(TestKubernetes.Trouble.NONE);
        kubernetes.takeRequests();
        assertThat(limited.get(names.configMap(), Duration.ofMillis(1_500))).isInstanceOf(ApiAnswer.NotReached.class);
        assertThat(kubernetes.takeRequests()).isEmpty();
        assertThat(status(leases.get(names.lease(names.leaderLease()), TIMEOUT)))
                .as("Leases have a client of their own")
                .isEqualTo(404);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(status(limited.get(names.configMap(), TIMEOUT))).isEqualTo(404);
    }

    @Test
    void requestsAreMeasuredByVerbResourceAndOutcome() {
        limited.get(names.configMap(), TIMEOUT);
        limited.post(
                names.configMaps(),
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"}}",
                TIMEOUT);
        assertThat(meters.get("pgpod.ha.api.request")
                        .tag("verb", "get")
                        .tag("resource", "configmaps")
                        .tag("outcome", "404")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("pgpod.ha.api.request")
                        .tag("verb", "create")
                        .tag("outcome", "201")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aRequestIsToldByItsPath() {
        assertThat(ApiRequestKind.of("GET", names.lease("demo-leader"))).isEqualTo(new ApiRequestKind("get", "leases"));
        assertThat(ApiRequestKind.of("GET", names.memberLeases())).isEqualTo(new ApiRequestKind("list", "leases"));
        assertThat(ApiRequestKind.of("PATCH", names.pod("demo-0"))).isEqualTo(new ApiRequestKind("patch", "pods"));
        assertThat(ApiRequestKind.of("POST", names.events())).isEqualTo(new ApiRequestKind("create", "events"));
        assertThat(ApiRequestKind.of("GET", "api/v1/nodes/n1")).isEqualTo(new ApiRequestKind("get", "nodes"));
        assertThat(ApiRequestKind.of("GET", "version")).isEqualTo(new ApiRequestKind("get", "other"));
    }
}
