package org.pgpod.image.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the pods of this machine keep their files and which addresses they have.
 *
 * @param state directories that stand for persistent volumes and mounted Secrets
 * @param memory tmpfs, for what a pod keeps in memory-backed volumes
 * @param distribution the programs of pgpod, readable by every user
 * @param network where the pods find each other
 */
public record LocalLayout(Path state, Path memory, Path distribution, PodNetwork network) {
    static final String CLUSTER = "demo";
    static final String NAMESPACE = "default";
    public static final int PODS = 3;

    public static final int KUBERNETES_HOST = 100;
    static final int LOG_STORE_HOST = 101;
    private static final int PROMETHEUS_HOST = 102;

    public static LocalLayout standard() {
        return of("demo", "pgpod-" + System.getProperty("user.name"), PodNetwork.LOOPBACK);
    }

    /** Pods beside those of the demo, with files and a network of their own. */
    public static LocalLayout named(String name, PodNetwork network) {
        return of(name, "pgpod-" + name + "-" + System.getProperty("user.name"), network);
    }

    private static LocalLayout of(String name, String memory, PodNetwork network) {
        Path home = Path.of(System.getProperty("pgpod.home", System.getProperty("user.home") + "/.local/share/pgpod"));
        return new LocalLayout(
                home.resolve(name),
                Path.of("/dev/shm", memory),
                Path.of(System.getProperty("pgpod.dist", "")),
                network);
    }

    String podName(int number) {
        return CLUSTER + "-" + number;
    }

    /** The host of a pod in its network. */
    public static int host(int number) {
        return number + 1;
    }

    /** Each pod has an address of its own, so that all use the same ports. */
    String podAddress(int number) {
        return network.address(host(number));
    }

    String kubernetesAddress() {
        return network.address(KUBERNETES_HOST);
    }

    String logStoreAddress() {
        return network.address(LOG_STORE_HOST);
    }

    String prometheusAddress() {
        return network.address(PROMETHEUS_HOST);
    }

    Path pod(int number) {
        return state.resolve(podName(number));
    }

    Path run(int number) {
        return memory.resolve(podName(number));
    }

    public Path credentials() {
        return state.resolve("credentials");
    }

    Path authority() {
        return state.resolve("authority");
    }

    public Path authorityCertificate() {
        return authority().resolve("ca.crt");
    }

    /**
     * A heap that begins small and grows with what is kept, archived classes at the place for which they were written, and
     * memory that malloc holds for nobody given back: together a third of the private memory of a sidecar at rest.
     */
    private static final List<String> FRUGAL = List.of(
            "-Xms8m",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-XX:TrimNativeHeapInterval=5000");

    /** The start of a command that runs pgpod in a JVM of its own, small as in a pod. */
    public List<String> java(String purpose) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                purpose.equals("log-shipper") ? "-Xmx48m" : "-Xmx96m",
                "-Xss512k",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        if (purpose.equals("exporter")) {
            command.addAll(FRUGAL);
        }
        if (!purpose.equals("wire-proxy")) {
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.addAll(List.of("-cp", distribution.resolve("lib") + "/*", "org.pgpod.image.launcher.Main"));
        return command;
    }

    /** The kubeconfig that agents use, if the API is not the embedded one. */
    Path kubeconfig() {
        return state.resolve("kubeconfig");
    }

    /** Where the processes that were started are written down, see {@link Leftovers}. */
    public Path processes() {
        return state.resolve("processes");
    }
}
