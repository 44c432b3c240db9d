package org.pgpod.haagent.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.testing.TestKubernetes;

/** What the API says of a pod's future. */
class OutlookReaderTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final TestKubernetes kubernetes = TestKubernetes.standIn();
    private final KubernetesApi api = KubernetesApi.open(kubernetes.config(), TIMEOUT);
    private final ClusterNames names = new ClusterNames("default", "demo");

    @AfterEach
    void stop() {
        api.close();
        kubernetes.close();
    }

    private OutlookReader readerOf(String uid, String node) {
        return new OutlookReader(
                api,
                names,
                new OwnPod("demo", new Holder("demo-0", uid), "10.0.0.1", 5432, 8008, node, "", Tags.NONE, "0.1"));
    }

    private String create(String path, String json) {
        ApiAnswer answer = api.post(path, json, TIMEOUT);
        assertThat(answer).as(answer.summary()).matches(made -> ((ApiAnswer.Answered) made).succeeded());
        return ((ApiAnswer.Answered) answer).body();
    }

    /** Without a finalizer the stand-in would be rid of a pod as soon as it gets a deletion timestamp. */
    private String createPod() {
        String pod = create(names.pods(), """
                {"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"postgres"}]},
                 "metadata":{"name":"demo-0","namespace":"default","finalizers":["pgpod.org/test"]}}""");
        return pod.replaceFirst("(?s).*\"uid\":\"([^\"]+)\".*", "$1");
    }

    @Test
    void aDeletionTimestampMeansThatThePodLeaves() {
        String uid = createPod();
        assertThat(readerOf(uid, "").leaving(TIMEOUT)).isEqualTo(Reading.of(false));
        ApiAnswer marked = api.mergePatch(
                names.pod("demo-0"), "{\"metadata\":{\"deletionTimestamp\":\"2026-11-21T17:00:00Z\"}}", TIMEOUT);
        assertThat(((ApiAnswer.Answered) marked).body()).contains("deletionTimestamp");
        assertThat(readerOf(uid, "").leaving(TIMEOUT)).isEqualTo(Reading.of(true));
        assertThat(readerOf("another", "").leaving(TIMEOUT)).isEqualTo(Reading.of(false));
        api.mergePatch(names.pod("demo-0"), "{\"metadata\":{\"deletionTimestamp\":null}}", TIMEOUT);
        assertThat(readerOf(uid, "").leaving(TIMEOUT)).isEqualTo(Reading.of(false));
    }

    @Test
    void aPodThatCannotBeReadSaysNothing() {
        assertThat(readerOf("u-0", "").leaving(TIMEOUT)).isInstanceOf(Reading.Failure.class);
        kubernetes.trouble(TestKubernetes.Trouble.UNAVAILABLE);
        assertThat(readerOf("u-0", "").leaving(TIMEOUT)).isInstanceOf(Reading.Failure.class);
    }

    @Test
    void aNodeIsCordonedWhenItTakesNoPods() {
        create("api/v1/nodes", "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n1\"},\"spec\":{}}");
        assertThat(readerOf("u-0", "n1").cordoned(TIMEOUT)).isEqualTo(Reading.of(false));
        api.mergePatch(ClusterNames.node("n1"), "{\"spec\":{\"unschedulable\":true}}", TIMEOUT);
        assertThat(readerOf("u-0", "n1").cordoned(TIMEOUT)).isEqualTo(Reading.of(true));
        assertThat(readerOf("u-0", "n2").cordoned(TIMEOUT)).isInstanceOf(Reading.Failure.class);
        assertThat(readerOf("u-0", "").cordoned(TIMEOUT)).isInstanceOf(Reading.Failure.class);
    }
}
