package org.pgpod.image.local;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A Kubernetes API for the pods of this machine: fabric8's server in CRUD mode, in a process of its own. */
@Command(name = "kubernetes-api", hidden = true, description = "The embedded Kubernetes API of the demo.")
public final class KubernetesApiCommand implements Callable<Integer> {
    @Option(names = "--address", required = true)
    private String address = "";

    @Option(names = "--port", required = true)
    private int port;

    @Option(names = "--delay-millis", defaultValue = "0", description = "How much later every answer arrives.")
    private long delayMillis;

    @Override
    public Integer call() throws Exception {
        KubernetesMockServer server = new KubernetesMockServer(
                new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
        if (delayMillis > 0) {
            server.init(InetAddress.getByName(address), 0);
            DelayingRelay.start(
                    new InetSocketAddress(address, port),
                    new InetSocketAddress(address, server.getPort()),
                    Duration.ofMillis(delayMillis));
        } else {
            server.init(InetAddress.getByName(address), port);
        }
        new CountDownLatch(1).await();
        return 0;
    }
}
