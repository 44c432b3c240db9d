package org.pgpod.image.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A network namespace for each host, joined by a bridge that this machine also has an address on. A host can be cut off
 * from the others in silence, as by a broken switch: packets vanish, and nobody is told. Needs root. {@link #ofPods} removes
 * what an earlier, crashed run left; {@link #remove} removes everything.
 */
public final class NamespaceNetwork implements PodNetwork {
    private static final String NAME = "pgpod-bench-";

    /** RFC 2544 reserves 198.18.0.0/15 for benchmarks. */
    private static final String PREFIX = "198.18.71.";

    private static final String BRIDGE = "pgpod-bench";
    private static final int CLIENT_HOST = 254;

    /** A locally administered address that no interface has: what is sent there is lost. */
    private static final String NOWHERE = "02:00:00:00:00:fe";

    private final List<Integer> hosts;

    private NamespaceNetwork(List<Integer> hosts) {
        this.hosts = List.copyOf(hosts);
    }

    /** The network of three pods and a Kubernetes API; the log store stays outside, on the bridge. */
    public static NamespaceNetwork ofPods() throws IOException, InterruptedException {
        List<Integer> hosts = new ArrayList<>();
        for (int number = 0; number < LocalLayout.PODS; number++) {
            hosts.add(LocalLayout.host(number));
        }
        hosts.add(LocalLayout.KUBERNETES_HOST);
        return start(hosts, List.of(CLIENT_HOST, LocalLayout.LOG_STORE_HOST));
    }

    private static NamespaceNetwork start(List<Integer> hosts, List<Integer> outside)
            throws IOException, InterruptedException {
        NamespaceNetwork network = new NamespaceNetwork(hosts);
        network.remove();
        try {
            ip("link", "add", BRIDGE, "type", "bridge");
            ip("link", "set", BRIDGE, "up");
            for (int host : outside) {
                ip("address", "add", PREFIX + host + "/24", "dev", BRIDGE);
            }
            for (int host : hosts) {
                network.add(host);
            }
            return network;
        } catch (IOException | InterruptedException failure) {
            network.remove();
            throw failure;
        }
    }

    private void add(int host) throws IOException, InterruptedException {
        String namespace = NAME + host;
        ip("netns", "add", namespace);
        ip("link", "add", link(host), "type", "veth", "peer", "name", "eth0", "netns", namespace);
        ip("link", "set", link(host), "master", BRIDGE, "up");
        ip("-n", namespace, "address", "add", PREFIX + host + "/24", "dev", "eth0");
        ip("-n", namespace, "link", "set", "eth0", "up");
        ip("-n", namespace, "link", "set", "lo", "up");
    }

    /** An interface's name has at most 15 characters. */
    private static String link(int host) {
        return String.format(Locale.ROOT, "pgpod-b%d", host);
    }

    @Override
    public String address(int host) {
        return PREFIX + host;
    }

    @Override
    public List<String> within(int host, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("nsenter", "--net=" + file(host), "--"));
        whole.addAll(command);
        return whole;
    }

    @Override
    public boolean apart() {
        return true;
    }

    private static Path file(int host) {
        return Path.of("/run/netns", NAME + host);
    }

    /** From now on nothing gets from this host to the others or back; this machine itself still reaches it. */
    public void cut(int host) throws IOException, InterruptedException {
        for (int other : others(host)) {
            lose(host, other);
        }
        for (int other : others(host)) {
            lose(other, host);
        }
    }

    private static void lose(int from, int to) throws IOException, InterruptedException {
        ip(
                "-n",
                NAME + from,
                "neighbour",
                "replace",
                PREFIX + to,
                "lladdr",
                NOWHERE,
                "nud",
                "permanent",
                "dev",
                "eth0");
    }

    /** Undoes {@link #cut}. */
    public void heal(int host) throws IOException, InterruptedException {
        for (int other : others(host)) {
            ip("-n", NAME + host, "neighbour", "del", PREFIX + other, "dev", "eth0");
            ip("-n", NAME + other, "neighbour", "del", PREFIX + host, "dev", "eth0");
        }
    }

    private List<Integer> others(int host) {
        return hosts.stream().filter(other -> other != host).toList();
    }

    /** Removes all of it; what still runs in there keeps its own namespace until it ends. */
    public void remove() throws IOException, InterruptedException {
        for (int host : hosts) {
            // Deleted by name, because a namespace's own interfaces go some time after it.
            if (Files.exists(Path.of("/sys/class/net", link(host)))) {
                ip("link", "delete", link(host));
            }
            if (Files.exists(file(host))) {
                ip("netns", "delete", NAME + host);
            }
        }
        if (Files.exists(Path.of("/sys/class/net", BRIDGE))) {
            ip("link", "delete", BRIDGE);
        }
    }

    private static void ip(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Commands.run(Path.of("/"), command);
    }
}
