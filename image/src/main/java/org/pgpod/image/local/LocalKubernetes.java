package org.pgpod.image.local;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Kubernetes API that the pods of this machine use: an embedded one in its own process, or a real cluster's. */
final class LocalKubernetes implements AutoCloseable {
    private static final int PORT = 6443;
    private static final long STOP_SECONDS = 5;
    private static final String CLUSTER_LABEL = "pgpod.org/cluster";

    private final Optional<LocalProcess> process;
    private final KubernetesClient client;

    private LocalKubernetes(Optional<LocalProcess> process, KubernetesClient client) {
        this.process = process;
        this.client = client;
    }

    static String url(LocalLayout layout) {
        return "http://" + layout.kubernetesAddress() + ":" + PORT;
    }

    /** Starts the embedded API and registers the pods. */
    static LocalKubernetes embedded(LocalLayout layout, LocalUsers users, Leftovers leftovers)
            throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(layout.java("kubernetes-api"));
        command.addAll(
                List.of("kubernetes-api", "--address", layout.kubernetesAddress(), "--port", Integer.toString(PORT)));
        Path output = layout.state().resolve("kubernetes-api.out");
        LocalProcess process = LocalProcess.start("kubernetes-api", users.sidecar(command), Map.of(), output);
        leftovers.remember(process.handle());
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(url(layout))
                .withNamespace(LocalLayout.NAMESPACE)
                .withRequestRetryBackoffLimit(0)
                .build();
        LocalKubernetes kubernetes = new LocalKubernetes(
                Optional.of(process),
                new KubernetesClientBuilder().withConfig(config).build());
        Waiting.until("the embedded Kubernetes API answers", Waiting.STARTUP_LIMIT, () -> {
            if (!process.alive()) {
                throw new IOException("the embedded Kubernetes API did not start; see " + output);
            }
            return kubernetes.answers();
        });
        kubernetes.registerPods(layout);
        return kubernetes;
    }

    private boolean answers() {
        try {
            client.pods().inNamespace(LocalLayout.NAMESPACE).list();
            return true;
        } catch (KubernetesClientException notYet) {
            return false;
        }
    }

    /** What the StatefulSet controller would do. */
    private void registerPods(LocalLayout layout) {
        for (int number = 0; number < LocalLayout.PODS; number++) {
            client.pods()
                    .inNamespace(LocalLayout.NAMESPACE)
                    .resource(new PodBuilder()
                            .withNewMetadata()
                            .withName(layout.podName(number))
                            .withNamespace(LocalLayout.NAMESPACE)
                            .withUid(PodConfiguration.uid(number))
                            .addToLabels(CLUSTER_LABEL, LocalLayout.CLUSTER)
                            .endMetadata()
                            .withNewStatus()
                            .withPodIP(layout.podAddress(number))
                            .endStatus()
                            .build())
                    .create();
        }
    }

    /** The value of the label {@code pgpod.org/role} of each pod. */
    Map<String, String> roles() {
        Map<String, String> roles = new java.util.TreeMap<>();
        client.pods()
                .inNamespace(LocalLayout.NAMESPACE)
                .withLabel(CLUSTER_LABEL, LocalLayout.CLUSTER)
                .list()
                .getItems()
                .forEach(pod -> roles.put(
                        pod.getMetadata().getName(),
                        pod.getMetadata().getLabels().getOrDefault("pgpod.org/role", "")));
        return roles;
    }

    @Override
    public void close() {
        client.close();
        process.ifPresent(running -> running.stop(STOP_SECONDS));
    }
}
