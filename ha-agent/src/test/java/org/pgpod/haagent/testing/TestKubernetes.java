package org.pgpod.haagent.testing;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.io.File;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A Kubernetes API for tests: fabric8's stand-in with optimistic locking, or the cluster that the variable
 * {@value #KUBECONFIG} names.
 */
public final class TestKubernetes implements AutoCloseable {
    static final String KUBECONFIG = "PGPOD_TEST_KUBECONFIG";

    // Kept, for a logger that nobody refers to may forget its level. It tells of each request.
    private static final Logger STAND_IN_LOG = Logger.getLogger("io.fabric8.mockwebserver");

    private final Optional<KubernetesMockServer> server;
    private final Config config;

    private TestKubernetes(Optional<KubernetesMockServer> server, Config config) {
        this.server = server;
        this.config = config;
    }

    /** The stand-in, on a free loopback port. */
    public static TestKubernetes standIn() {
        STAND_IN_LOG.setLevel(Level.WARNING);
        KubernetesMockServer server = new KubernetesMockServer(
                new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
        server.init(InetAddress.getLoopbackAddress(), 0);
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getPort())
                .build();
        return new TestKubernetes(Optional.of(server), config);
    }

    /** The cluster that the environment names, or else the stand-in. */
    public static TestKubernetes realOrStandIn() {
        String kubeconfig = System.getenv(KUBECONFIG);
        return kubeconfig == null || kubeconfig.isBlank()
                ? standIn()
                : new TestKubernetes(Optional.empty(), Config.fromKubeconfig(new File(kubeconfig)));
    }

    public Config config() {
        return config;
    }

    public String url() {
        return config.getMasterUrl();
    }

    @Override
    public void close() {
        server.ifPresent(KubernetesMockServer::destroy);
    }
}
