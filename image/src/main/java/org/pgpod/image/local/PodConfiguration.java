package org.pgpod.image.local;

import java.util.Locale;
import java.util.Optional;

/** The configuration file of a pod on this machine. */
final class PodConfiguration {
    private final LocalLayout layout;
    private final String preset;
    private final Optional<String> kubernetesUrl;

    PodConfiguration(LocalLayout layout, String preset, Optional<String> kubernetesUrl) {
        this.layout = layout;
        this.preset = preset;
        this.kubernetesUrl = kubernetesUrl;
    }

    /** The UID that Kubernetes would have given the pod. */
    static String uid(int number) {
        return String.format(Locale.ROOT, "00000000-0000-4000-8000-%012d", number + 1);
    }

    String yaml(int number) {
        String pod = layout.pod(number).toString();
        return """
                pod:
                  cluster: %s
                  namespace: %s
                  name: %s
                  uid: %s
                  address: %s
                  node: node-%d
                  zone: zone-%d
                  runDirectory: %s
                  volumeDirectory: %s/volume
                  logDirectory: %s/logs
                  extensionDirectory: %s/extensions
                  credentialsDirectory: %s
                  clientCertificateDirectory: %s/tls-client
                  peerCertificateDirectory: %s/tls-peer
                """.formatted(
                                LocalLayout.CLUSTER,
                                LocalLayout.NAMESPACE,
                                layout.podName(number),
                                uid(number),
                                layout.podAddress(number),
                                number,
                                number,
                                layout.run(number),
                                pod,
                                pod,
                                pod,
                                layout.credentials(),
                                pod,
                                pod)
                + sections(number);
    }

    private String sections(int number) {
        String address = layout.podAddress(number);
        // Pods that share the machine's loopback cannot all have its first address.
        String loopback = layout.network().apart() ? "127.0.0.1" : address;
        return """
                haAgent:
                  leasePreset: %s
                  kubernetesUrl: %s
                  adminAddress: %s
                  postgresListenAddress: %s
                wireProxy:
                  address: %s
                  adminAddress: %s
                exporter:
                  adminAddress: %s
                  postgresAddress: %s
                logShipper:
                  adminAddress: %s
                  sinkHost: %s
                  sinkDatabase: %s
                  sinkUser: %s
                  sinkPasswordFile: %s
                  sinkSslMode: disable
                extensionLoader:
                  adminAddress: %s
                  postgresAddress: %s
                  desiredFile: %s/extensions.txt
                """.formatted(
                        preset,
                        kubernetesUrl.orElse("''"),
                        address,
                        loopback,
                        address,
                        address,
                        address,
                        loopback,
                        address,
                        layout.logStoreAddress(),
                        LogStore.DATABASE,
                        LogStore.ROLE,
                        layout.credentials().resolve(LogStore.ROLE),
                        address,
                        loopback,
                        layout.pod(number));
    }
}
