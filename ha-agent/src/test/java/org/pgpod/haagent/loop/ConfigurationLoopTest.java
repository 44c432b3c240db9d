package org.pgpod.haagent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.ConfigMapView;

/** How the loop follows the ConfigMap, with every agent but Postgres real. */
class ConfigurationLoopTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static void put(FakeCluster cluster, String text) {
        ConfigMapView now = cluster.configMap.view();
        cluster.configMap.write(now.with(ConfigMapView.CONFIG, Optional.of(text)), LIMIT);
    }

    @Test
    void settingsOfTheAgentChangeWhileItRuns() {
        FakeCluster cluster = FakeCluster.started(2);
        cluster.await("settled", cluster::settled, LIMIT);
        put(cluster, "hold_timeout: 20s");
        cluster.await(
                "the setting counts everywhere",
                () -> cluster.pods.stream()
                        .allMatch(pod -> pod.agent
                                .facts()
                                .settings(cluster.settings)
                                .holdTimeout()
                                .equals(Duration.ofSeconds(20))),
                LIMIT);
        put(cluster, "hold_timeout: 20");
        put(cluster, "hold_timeout: never");
        cluster.await(
                "the mistake is seen",
                () -> cluster.pods.stream()
                        .noneMatch(pod ->
                                pod.agent.facts().configuration().problems().isEmpty()),
                LIMIT);
        assertThat(cluster.pod(0).agent.facts().settings(cluster.settings).holdTimeout())
                .isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void whatTheRunningServerKnowsIsGivenToItAndKeptForOthers() {
        FakeCluster cluster = FakeCluster.started(2);
        cluster.await("settled", cluster::settled, LIMIT);
        put(cluster, "postgresql: {parameters: {work_mem: 8MB}}");
        cluster.await(
                "the files hold it",
                () -> cluster.pods.stream()
                        .allMatch(
                                pod -> "8MB".equals(pod.configured.parameters().get("work_mem"))),
                LIMIT);
        cluster.await(
                "it is kept as the last good one",
                () -> cluster.configMap.view().entry(ConfigMapView.ACCEPTED).isPresent(),
                LIMIT);
        put(cluster, "postgresql: {parameters: {work_memory: 8MB}}");
        cluster.await(
                "the mistake is seen",
                () -> cluster.pod(0).agent.facts().configuration().problems().stream()
                        .anyMatch(problem -> problem.contains("work_memory")),
                LIMIT);
        FakePod pod = cluster.othersThan(cluster.primary().orElseThrow()).getFirst();
        pod.crash();
        pod.comeBack();
        cluster.await("settled again", cluster::settled, LIMIT);
        assertThat(pod.configured.parameters()).containsEntry("work_mem", "8MB");
        cluster.await(
                "the mistake is still seen",
                () -> !pod.agent.facts().configuration().problems().isEmpty(),
                LIMIT);
    }
}
