package org.pgpod.haagent.testing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.haagent.act.ConfigMapStore;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.port.Reading;

/** Three pods and a Kubernetes API on this machine. */
public final class TestCluster implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int POD_COUNT = 3;
    private static final int NOT_FOUND = 404;

    private final TestKubernetes kubernetes = TestKubernetes.standIn();
    private final KubernetesApi api = KubernetesApi.open(kubernetes.config(), TIMEOUT);
    private final ClusterNames names = new ClusterNames("default", "demo");
    private final Path base = Unprivileged.directory("cluster");
    private final List<TestPod> pods = new ArrayList<>();
    private final List<TestPod> twins = new ArrayList<>();

    /** Pods that are not started yet, with the named lease preset. */
    public TestCluster(String leasePreset) {
        this(leasePreset, List.of());
    }

    /** The same with further lines for the section {@code haAgent}. */
    public TestCluster(String leasePreset, List<String> options) {
        this(leasePreset, options, Map.of());
    }

    /** The same with still further lines for single pods, by their number. */
    public TestCluster(String leasePreset, List<String> options, Map<Integer, List<String>> optionsOfPods) {
        Path script = copySupervisor();
        // Two clusters on one machine, as two test runs at the same time, must not meet.
        int network = ThreadLocalRandom.current().nextInt(1, 65_000);
        for (int index = 0; index < POD_COUNT; index++) {
            String name = "demo-" + index;
            String address = "127." + (1 + network / 255) % 255 + "." + network % 255 + "." + (index + 1);
            List<String> all = Stream.concat(options.stream(), optionsOfPods.getOrDefault(index, List.of()).stream())
                    .toList();
            pods.add(new TestPod(name, address, base, script, kubernetes.url(), leasePreset, all));
            ApiAnswer created = api.post(names.pods() + "?" + TestKubernetes.OF_THE_TEST, """
                    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","namespace":"default",
                     "finalizers":["pgpod.org/test"],"labels":{"pgpod.org/cluster":"demo"}},"spec":{"containers":[{"name":"postgres"}]}}
                    """.formatted(name), TIMEOUT);
            pods.getLast().knownAs(uidIn(require(created)));
            require(api.post(
                    "api/v1/nodes?" + TestKubernetes.OF_THE_TEST,
                    "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"node-of-" + name
                            + "\"},\"spec\":{}}",
                    TIMEOUT));
        }
    }

    /** The supervisor, where the user of Postgres may read it. */
    private Path copySupervisor() {
        Path source = Path.of(System.getProperty("pgpod.root"), "image", "postgres");
        try {
            Path target = Files.createDirectories(base.resolve("bin"));
            try (var files = Files.list(source)) {
                for (Path file : files.filter(
                                path -> path.getFileName().toString().startsWith("pgpod-"))
                        .toList()) {
                    Path copy = Files.copy(file, target.resolve(file.getFileName()));
                    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
            }
            return target.resolve("pgpod-supervisor");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A directory for what a test needs besides. */
    public Path directory() {
        return base;
    }

    /** The API that all pods use. */
    public TestKubernetes kubernetes() {
        return kubernetes;
    }

    public List<TestPod> pods() {
        return pods;
    }

    /** A second pod of the same name on the same volume; it is not started. */
    public TestPod twinOf(TestPod pod) {
        TestPod twin = pod.twin();
        twins.add(twin);
        return twin;
    }

    public void start() {
        pods.forEach(TestPod::startSupervisor);
        pods.forEach(TestPod::startAgent);
    }

    /** The one pod that calls itself the primary; a second one is an error. */
    public Optional<TestPod> primary() {
        List<TestPod> primaries = pods.stream().filter(TestPod::isPrimary).toList();
        if (primaries.size() > 1) {
            throw new AssertionError("more than one primary: "
                    + primaries.stream().map(TestPod::name).toList());
        }
        return primaries.stream().findFirst();
    }

    /** Waits until one pod is the primary: an agent on a busy machine may answer late. */
    public TestPod awaitPrimary() {
        List<TestPod> found = new ArrayList<>();
        await("a primary", () -> {
            primary().ifPresent(found::add);
            return !found.isEmpty();
        });
        return found.getLast();
    }

    /** Waits until one pod is the primary and the others stream from it. */
    public TestPod awaitWhole() {
        await(
                "one primary and two streaming standbys",
                () -> primary().isPresent()
                        && pods.stream().filter(TestPod::isStreaming).count() == POD_COUNT - 1);
        return primary().orElseThrow();
    }

    /** Waits for a condition, and shows all logs when it does not come. */
    public void await(String what, java.util.concurrent.Callable<Boolean> condition) {
        try {
            Await.until(what, LIMIT, condition);
        } catch (AssertionError failed) {
            Stream.of(pods, twins).flatMap(List::stream).forEach(pod -> System.out.println(pod.logs()));
            throw failed;
        }
    }

    /** Writes an entry of the cluster's ConfigMap past the agents, as people do with kubectl. */
    public void edit(String key, String text) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("data").put(key, text);
        ApiAnswer patched = api.mergePatch(names.configMap(), patch.toString(), TIMEOUT);
        if (patched instanceof ApiAnswer.Answered answered && answered.status() == NOT_FOUND) {
            patch.put("apiVersion", "v1").put("kind", "ConfigMap");
            patch.putObject("metadata").put("name", names.configMapName()).put("namespace", "default");
            patched = api.post(names.configMaps() + "?" + TestKubernetes.OF_THE_TEST, patch.toString(), TIMEOUT);
        }
        require(patched);
    }

    /** An entry of the cluster's ConfigMap. */
    public String entry(String key) {
        return new ConfigMapStore(api, names).read(TIMEOUT) instanceof Reading.Value<ConfigMapView>(ConfigMapView view)
                ? view.entry(key).orElse("")
                : "";
    }

    /** The role label of a pod in the Kubernetes API. */
    public String label(TestPod pod) {
        return require(api.get(names.pod(pod.name()), TIMEOUT)).contains("\"pgpod.org/role\":\"primary\"")
                ? "primary"
                : "other";
    }

    /** The names of the pods that the generated Service {@code <cluster>-<suffix>} selects by their labels now. */
    public Set<String> selectedBy(String suffix) {
        return ServiceSelector.of(suffix, names.cluster())
                .podsOf(require(api.get(names.pods() + "?" + TestKubernetes.OF_THE_TEST, TIMEOUT)));
    }

    /** Notes a time in the API at which the pod is to be gone, as a deletion or an eviction does; {@code null} takes it back. */
    public void markDeleted(TestPod pod, boolean deleted) {
        String time = deleted ? "\"2026-11-21T17:00:00Z\"" : "null";
        require(api.mergePatch(names.pod(pod.name()), "{\"metadata\":{\"deletionTimestamp\":" + time + "}}", TIMEOUT));
    }

    /** Takes the pod out of the API, as a scale-in does. */
    public void delete(TestPod pod) {
        require(api.mergePatch(names.pod(pod.name()), "{\"metadata\":{\"finalizers\":null}}", TIMEOUT));
        require(api.delete(names.pod(pod.name()) + "?" + TestKubernetes.OF_THE_TEST, "{}", TIMEOUT));
    }

    /** Says in the API that the pod's node takes no new pods, or that it does again. */
    public void cordon(TestPod pod, boolean cordoned) {
        require(api.mergePatch(
                ClusterNames.node("node-of-" + pod.name()) + "?" + TestKubernetes.OF_THE_TEST,
                "{\"spec\":{\"unschedulable\":" + cordoned + "}}",
                TIMEOUT));
    }

    private static String uidIn(String object) {
        Matcher uid = Pattern.compile("\"uid\":\"([^\"]+)\"").matcher(object);
        if (!uid.find()) {
            throw new IllegalStateException("no uid in " + object);
        }
        return uid.group(1);
    }

    private static String require(ApiAnswer answer) {
        if (answer instanceof ApiAnswer.Answered answered && answered.succeeded()) {
            return answered.body();
        }
        throw new IllegalStateException(answer.summary());
    }

    /** What the agents asked of the API and neither the generated Role of this cluster nor the node reader allows. */
    public Set<ApiRequest> refusedRequests() {
        Set<ApiRequest> refused =
                GrantedRole.of("account.yaml", "Role", names.cluster()).refused(kubernetes.takeRequests());
        return GrantedRole.of("components/node-reader/node-reader.yaml", "ClusterRole", names.cluster())
                .refused(List.copyOf(refused));
    }

    @Override
    public void close() {
        pods.forEach(TestPod::killEverything);
        pods.forEach(TestPod::unmount);
        api.close();
        kubernetes.close();
        Unprivileged.delete(base);
    }
}
