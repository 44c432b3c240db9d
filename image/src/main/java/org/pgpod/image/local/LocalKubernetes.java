package org.pgpod.image.local;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Kubernetes API that the pods of this machine use: an embedded one in its own process, or a real cluster's. */
final class LocalKubernetes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalKubernetes.class);
    private static final int PORT = 6443;
    private static final long STOP_SECONDS = 5;
    private static final String CLUSTER_LABEL = "pgpod.org/cluster";

    /** Marks the objects of this machine's pods. */
    private static final String LOCAL_LABEL = "pgpod.org/local";

    private final Optional<LocalProcess> process;
    private final Optional<String> plainUrl;
    private final KubernetesClient client;

    private LocalKubernetes(Optional<LocalProcess> process, Optional<String> plainUrl, Config config) {
        this.process = process;
        this.plainUrl = plainUrl;
        this.client = new KubernetesClientBuilder().withConfig(config).build();
    }

    /** Where agents reach the API without authentication; empty when they use the kubeconfig. */
    Optional<String> plainUrl() {
        return plainUrl;
    }

    /**
     * The cluster of a kubeconfig, in the namespace {@value LocalLayout#NAMESPACE}. The pods are registered there as
     * objects that no scheduler takes; {@link #close} deletes them and what the agents made.
     */
    static LocalKubernetes of(Path kubeconfig, LocalLayout layout) throws IOException {
        Config config;
        try {
            config = Config.fromKubeconfig(kubeconfig.toFile());
        } catch (RuntimeException unreadable) {
            throw new IOException(
                    "the kubeconfig " + kubeconfig + " cannot be used: " + unreadable.getMessage(), unreadable);
        }
        LocalKubernetes kubernetes = new LocalKubernetes(Optional.empty(), Optional.empty(), config);
        try {
            kubernetes.refuseStrangers();
            kubernetes.removeObjects();
            kubernetes.registerPods(layout);
            return kubernetes;
        } catch (KubernetesClientException refused) {
            kubernetes.client.close();
            throw new IOException("the cluster of " + kubeconfig + " refused: " + refused.getMessage(), refused);
        }
    }

    /** Nothing of a real cluster of the same name may be touched. */
    private void refuseStrangers() throws IOException {
        for (Pod pod : pods(CLUSTER_LABEL, LocalLayout.CLUSTER)) {
            if (!pod.getMetadata().getLabels().containsKey(LOCAL_LABEL)) {
                throw new IOException("the namespace " + LocalLayout.NAMESPACE + " has a pod "
                        + pod.getMetadata().getName() + " of a cluster named " + LocalLayout.CLUSTER);
            }
        }
        if (pods(LOCAL_LABEL, "true").isEmpty() && !ownLeases().isEmpty()) {
            throw new IOException("the namespace " + LocalLayout.NAMESPACE + " has a Lease "
                    + ownLeases().getFirst().getMetadata().getName() + " of a cluster named " + LocalLayout.CLUSTER);
        }
    }

    private List<Pod> pods(String label, String value) {
        return client.pods()
                .inNamespace(LocalLayout.NAMESPACE)
                .withLabel(label, value)
                .list()
                .getItems();
    }

    private List<Lease> ownLeases() {
        return client.leases()
                .inNamespace(LocalLayout.NAMESPACE)
                .withLabel(CLUSTER_LABEL, LocalLayout.CLUSTER)
                .list()
                .getItems();
    }

    private void removeObjects() {
        ownLeases().forEach(lease -> client.resource(lease).delete());
        pods(LOCAL_LABEL, "true")
                .forEach(pod -> client.resource(pod).withGracePeriod(0).delete());
    }

    static String url(LocalLayout layout) {
        return "http://" + layout.kubernetesAddress() + ":" + PORT;
    }

    /** Starts the embedded API, whose answers arrive late by {@code delay}, and registers the pods. */
    static LocalKubernetes embedded(LocalLayout layout, LocalUsers users, Leftovers leftovers, Duration delay)
            throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(layout.java("kubernetes-api"));
        command.addAll(
                List.of("kubernetes-api", "--address", layout.kubernetesAddress(), "--port", Integer.toString(PORT)));
        command.add("--delay-millis=" + delay.toMillis());
        command = layout.network().within(LocalLayout.KUBERNETES_HOST, users.sidecar(command));
        Path output = layout.state().resolve("kubernetes-api.out");
        LocalProcess process = LocalProcess.start("kubernetes-api", command, Map.of(), output);
        leftovers.remember(process.handle());
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(url(layout))
                .withNamespace(LocalLayout.NAMESPACE)
                .withRequestRetryBackoffLimit(0)
                .build();
        LocalKubernetes kubernetes = new LocalKubernetes(Optional.of(process), Optional.of(url(layout)), config);
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
                            .addToLabels(LOCAL_LABEL, "true")
                            .endMetadata()
                            .withNewSpec()
                            .addNewSchedulingGate("pgpod.org/runs-elsewhere")
                            .addNewContainer()
                            .withName("postgres")
                            .withImage("postgres")
                            .endContainer()
                            .endSpec()
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
        try {
            removeObjects();
        } catch (KubernetesClientException gone) {
            // An API that is away keeps the objects; the next start removes them first.
            LOG.warn("objects not removed reason={}", gone.getMessage());
        }
        client.close();
        process.ifPresent(running -> running.stop(STOP_SECONDS));
    }
}
