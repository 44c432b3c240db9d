package org.pgpod.haagent.act;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.testing.TestKubernetes;

/** Events as they arrive in the API. */
class EventsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Holder POD = new Holder("demo-0", "11111111-aaaa");

    private final TestKubernetes kubernetes = TestKubernetes.standIn();
    private final KubernetesApi api = KubernetesApi.open(kubernetes.config(), Duration.ofSeconds(5));
    private final ClusterNames names = new ClusterNames("default", "demo");
    private final AtomicLong nanos = new AtomicLong();
    private volatile ZonedDateTime now = ZonedDateTime.parse("2026-11-21T17:00:00.123456789+01:00");
    private final Pods pods = new Pods(api, names, POD, () -> now, nanos::get);

    @AfterEach
    void stop() {
        pods.close();
        api.close();
        kubernetes.close();
    }

    private List<JsonNode> stored() throws Exception {
        ApiAnswer answer = api.get(names.events(), Duration.ofSeconds(5));
        List<JsonNode> events = new ArrayList<>();
        new ObjectMapper()
                .readTree(((ApiAnswer.Answered) answer).body())
                .path("items")
                .forEach(events::add);
        return events;
    }

    private JsonNode theOnly(int count) throws Exception {
        Await.until(
                "an Event of count " + count,
                TIMEOUT,
                () -> stored().size() == 1
                        && (count == 1
                                || stored().getFirst()
                                                .path("series")
                                                .path("count")
                                                .asInt()
                                        == count));
        return stored().getFirst();
    }

    @Test
    void anEventIsAboutThePod() throws Exception {
        pods.warning("BlockedLag", "demo-1 lacks 3 MB");
        JsonNode event = theOnly(1);
        assertThat(event.path("type").asText()).isEqualTo("Warning");
        assertThat(event.path("reason").asText()).isEqualTo("BlockedLag");
        assertThat(event.path("note").asText()).isEqualTo("demo-1 lacks 3 MB");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T16:00:00.123456Z");
        assertThat(event.path("regarding").path("name").asText()).isEqualTo("demo-0");
        assertThat(event.path("regarding").path("uid").asText()).isEqualTo("11111111-aaaa");
        assertThat(event.path("reportingController").asText()).isEqualTo("pgpod.org/ha-agent");
        assertThat(event.path("reportingInstance").asText()).isEqualTo("demo-0");
        assertThat(event.path("action").asText()).isNotEmpty();
    }

    @Test
    void theSameAgainIsCountedInTheSameEvent() throws Exception {
        for (int time = 0; time < 3; time++) {
            pods.event("FollowPrimary", "demo-2");
            now = now.plusMinutes(1);
        }
        assertThat(theOnly(3).path("series").path("lastObservedTime").asText())
                .isEqualTo("2026-11-21T16:02:00.123456Z");
    }

    @Test
    void theSameMuchLaterIsAnotherEvent() throws Exception {
        pods.event("FollowPrimary", "demo-2");
        theOnly(1);
        now = now.plusHours(1);
        pods.event("FollowPrimary", "demo-2");
        Await.until("two Events", TIMEOUT, () -> stored().size() == 2);
    }

    @Test
    void aFloodIsDroppedAndTheRateRecovers() throws Exception {
        for (int time = 0; time < 200; time++) {
            pods.event("Flood", "number " + time);
        }
        Await.until("the burst", TIMEOUT, () -> stored().size() == 25);
        Await.until("one more after each quarter of a minute", TIMEOUT, () -> {
            pods.event("After", "the flood");
            nanos.addAndGet(Duration.ofSeconds(15).toNanos());
            return stored().stream()
                    .anyMatch(event -> event.path("reason").asText().equals("After"));
        });
    }

    @Test
    void fieldsKeepToKubernetesLimits() throws Exception {
        EventObject event = new EventObject(EventObject.Type.NORMAL, "R".repeat(500), "é".repeat(2_000));
        String pod = "p".repeat(235) + "-" + "q".repeat(100);
        JsonNode json = new ObjectMapper()
                .readTree(event.created(EventObject.name(pod, 7), "default", new Holder(pod, "uid"), now));
        assertThat(json.path("reason").asText()).hasSize(128);
        assertThat(json.path("action").asText()).hasSize(128);
        assertThat(json.path("reportingInstance").asText()).hasSize(128);
        assertThat(json.path("note").asText()).isEqualTo("é".repeat(512));
        assertThat(json.path("note").asText().getBytes(StandardCharsets.UTF_8)).hasSize(1_024);
        assertThat(json.path("metadata").path("name").asText())
                .isEqualTo("p".repeat(235) + ".0000000000000007")
                .hasSizeLessThanOrEqualTo(253);
    }
}
