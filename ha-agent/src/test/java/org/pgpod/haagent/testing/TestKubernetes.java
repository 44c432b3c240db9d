package org.pgpod.haagent.testing;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.File;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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

    /** What befalls every request. */
    public enum Trouble {
        NONE,
        /** 503, as from an API server that has lost its store. */
        UNAVAILABLE,
        /** 429, as from one that sheds load. */
        TOO_MANY_REQUESTS,
        /** No answer for longer than anybody waits. */
        SILENCE
    }

    /** In a query: not one of the agents' requests. */
    static final String OF_THE_TEST = "pretty=true";

    private static final int HTTP_UNAVAILABLE = 503;
    private static final int HTTP_TOO_MANY_REQUESTS = 429;
    private static final Duration LONG = Duration.ofMinutes(1);

    /** The stand-in's dispatcher, in trouble for as long as a test wants. */
    private static final class Troubled extends KubernetesCrudDispatcher {
        private volatile Trouble trouble = Trouble.NONE;
        private final Queue<ApiRequest> requests = new ConcurrentLinkedQueue<>();

        @Override
        public MockResponse dispatch(RecordedRequest request) {
            if (!request.getPath().contains(OF_THE_TEST)) {
                requests.add(ApiRequest.of(request.getMethod(), request.getPath()));
            }
            return switch (trouble) {
                case NONE -> super.dispatch(request);
                case UNAVAILABLE -> new MockResponse().setResponseCode(HTTP_UNAVAILABLE);
                case TOO_MANY_REQUESTS ->
                    new MockResponse().setResponseCode(HTTP_TOO_MANY_REQUESTS).setHeader("Retry-After", "1");
                case SILENCE ->
                    new MockResponse().setResponseCode(HTTP_UNAVAILABLE).setBodyDelay(LONG);
            };
        }
    }

    private final Optional<KubernetesMockServer> server;
    private final Optional<Troubled> dispatcher;
    private final Config config;

    private TestKubernetes(Optional<KubernetesMockServer> server, Optional<Troubled> dispatcher, Config config) {
        this.server = server;
        this.dispatcher = dispatcher;
        this.config = config;
    }

    /** From now on every request to the stand-in meets {@code trouble}. */
    public void trouble(Trouble trouble) {
        dispatcher.orElseThrow().trouble = trouble;
    }

    /** Every request that the stand-in got since this was asked last, but for those that carry {@link #OF_THE_TEST}. */
    public List<ApiRequest> takeRequests() {
        List<ApiRequest> taken = new ArrayList<>();
        Queue<ApiRequest> requests = dispatcher.orElseThrow().requests;
        for (ApiRequest next = requests.poll(); next != null; next = requests.poll()) {
            taken.add(next);
        }
        return taken;
    }

    /** The stand-in, on a free loopback port. */
    public static TestKubernetes standIn() {
        STAND_IN_LOG.setLevel(Level.WARNING);
        Troubled dispatcher = new Troubled();
        KubernetesMockServer server =
                new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), dispatcher, false);
        server.init(InetAddress.getLoopbackAddress(), 0);
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getPort())
                .build();
        return new TestKubernetes(Optional.of(server), Optional.of(dispatcher), config);
    }

    /** The cluster that the environment names, or else the stand-in. */
    public static TestKubernetes realOrStandIn() {
        String kubeconfig = System.getenv(KUBECONFIG);
        return kubeconfig == null || kubeconfig.isBlank()
                ? standIn()
                : new TestKubernetes(Optional.empty(), Optional.empty(), Config.fromKubeconfig(new File(kubeconfig)));
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
