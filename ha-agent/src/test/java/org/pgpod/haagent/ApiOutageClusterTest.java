package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.haagent.client.AgentHttp;
import org.pgpod.haagent.client.AgentTls;
import org.pgpod.haagent.testing.SteadyWriter;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestKubernetes;
import org.pgpod.haagent.testing.TestPod;

/** A synchronous cluster whose agents ask each other over TLS, while the API answers nothing but 429 or 503 for a minute. */
@Tag("long")
class ApiOutageClusterTest {
    private static final int TLS_PORT = 8443;
    private static final String NAME = "demo-pods.default.svc";
    private static final Duration OUTAGE = Duration.ofSeconds(60);
    private static final Path BASE = Unprivileged.directory("api-outage");

    private static TestCluster cluster = new TestCluster("normal", options());

    private static List<String> options() {
        try {
            TestCertificates agents = TestCertificates.authority(Files.createDirectories(BASE.resolve("agents-ca")));
            agents.issue(BASE.resolve("agents"), "agents", "DNS:" + NAME);
            return List.of(
                    "synchronousMode: quorum",
                    "restTlsPort: " + TLS_PORT,
                    "restCertificateDirectory: " + BASE.resolve("agents"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @BeforeAll
    static void start() {
        cluster.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
        Unprivileged.delete(BASE);
    }

    private static JsonNode failsafe(TestPod primary) throws IOException {
        return primary.get("/failsafe");
    }

    /** The agents show each other the certificate that admits them nowhere else; the test does as they do. */
    private static int promiseOverTls(TestPod pod) throws Exception {
        try (AgentHttp http =
                new AgentHttp(Optional.of(AgentTls.ofCaller(BASE.resolve("agents"), Optional.of(NAME))), OUTAGE)) {
            URI uri = URI.create("https://" + pod.url().getHost() + ":" + TLS_PORT + "/promise");
            return http.send(HttpRequest.newBuilder(uri)
                            .timeout(OUTAGE)
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            "{\"cluster\":\"demo\",\"holder\":\"demo-0/u\",\"epoch\":1,\"nonce\":\"n\",\"seal\":\"x\"}"))
                            .build())
                    .statusCode();
        }
    }

    @Test
    void promisesOverTlsOutliveAMinuteOfRefusals() throws Exception {
        TestPod primary = cluster.awaitWhole();
        cluster.await("voters are asked for promises", () -> primary.status("/failsafe") == 200);
        cluster.await("both of them", () -> failsafe(primary).size() == 2);
        assertThat(failsafe(primary).has(primary.name())).as("not itself").isFalse();
        failsafe(primary).forEach(address -> assertThat(address.asText()).startsWith("https://"));
        assertThat(promiseOverTls(cluster.pods().getFirst()))
                .as("served there, and sealed")
                .isEqualTo(403);

        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 50);
            for (TestKubernetes.Trouble trouble :
                    List.of(TestKubernetes.Trouble.TOO_MANY_REQUESTS, TestKubernetes.Trouble.UNAVAILABLE)) {
                writer.takeLongestGap();
                cluster.kubernetes().trouble(trouble);
                long until = System.nanoTime() + OUTAGE.toNanos();
                cluster.await("the outage lasts", () -> System.nanoTime() > until);
                cluster.kubernetes().trouble(TestKubernetes.Trouble.NONE);
                assertThat(primary.isPrimary()).as(trouble.name()).isTrue();
                assertThat(writer.takeLongestGap()).as(trouble.name()).isLessThan(Duration.ofSeconds(10));
                cluster.await("the Lease is renewed", () -> cluster.primary().equals(Optional.of(primary)));
            }
            writer.stop();
            assertThat(writer.missingOn(primary)).isEmpty();
        }
        assertThat(cluster.awaitWhole()).isEqualTo(primary);
    }
}
