package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.testing.Await;
import org.pgpod.haagent.act.ConfigMapStore;
import org.pgpod.haagent.act.LeaseWriter;
import org.pgpod.haagent.act.Pods;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.LeaseStore;
import org.pgpod.haagent.model.port.OutlookPort;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.observe.LeaseReader;
import org.pgpod.haagent.observe.OutlookReader;
import org.pgpod.haagent.testing.ApiRequest;
import org.pgpod.haagent.testing.GrantedRole;
import org.pgpod.haagent.testing.TestKubernetes;

/**
 * The Role in {@code image/manifests} grants the agent what it asks for, and nothing else: each request that its adapters
 * make is allowed by a rule, and each verb, resource and name of the rules is used by a request.
 */
class PermissionsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MEMBERS = 9;

    private final TestKubernetes kubernetes = TestKubernetes.standIn();
    private final ClusterNames names = new ClusterNames("default", "pg");
    private final Set<String> called = new HashSet<>();

    @AfterEach
    void stop() {
        kubernetes.close();
    }

    private static List<String> pods() {
        return IntStream.range(0, MEMBERS).mapToObj(index -> "pg-" + index).toList();
    }

    /** Notes which methods of a port were called. */
    private <T> T noting(Class<T> port, T adapter) {
        return port.cast(
                Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, (proxy, method, arguments) -> {
                    called.add(port.getSimpleName() + "." + method.getName());
                    return method.invoke(adapter, arguments);
                }));
    }

    private List<ApiRequest> everyRequest() throws Exception {
        try (KubernetesApi api = KubernetesApi.open(kubernetes.config(), TIMEOUT)) {
            for (String pod : pods()) {
                assertThat(api.post(names.pods(), """
                        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","namespace":"default"},
                         "spec":{"containers":[{"name":"postgres"}]}}
                        """.formatted(pod), TIMEOUT)).isInstanceOf(ApiAnswer.Answered.class);
            }
            kubernetes.takeRequests();
            askLeases(api);
            askConfigMap(api);
            askOutlook(api);
            List<ApiRequest> requests = new ArrayList<>(askPods(api));
            requests.addAll(kubernetes.takeRequests());
            return requests;
        }
    }

    private void askLeases(KubernetesApi api) {
        LeaseStore leases = noting(
                LeaseStore.class,
                new KubernetesLeases(
                        new LeaseReader(api, names), new LeaseWriter(api, names, TIMEOUT, ZonedDateTime::now)));
        LeaseDraft draft =
                new LeaseDraft(Optional.of(new Holder("pg-0", "uid-0")), TIMEOUT, ClusterRecord.first(new Epoch(1)));
        LeasePut created = leases.createLeader(draft, TIMEOUT);
        String version = ((LeasePut.Accepted) created).stored().resourceVersion();
        assertThat(leases.replaceLeader(draft, version, TIMEOUT)).isInstanceOf(LeasePut.Accepted.class);
        assertThat(leases.readLeader(TIMEOUT)).isInstanceOf(Reading.Value.class);
        for (String pod : pods()) {
            assertThat(leases.putMember(TestMembers.streaming(pod), TIMEOUT).succeeded())
                    .isTrue();
        }
        assertThat(leases.readMembers(TIMEOUT)).isInstanceOf(Reading.Value.class);
        for (String pod : pods()) {
            assertThat(leases.removeMember(pod, "1", TIMEOUT).succeeded()).isTrue();
        }
    }

    private void askConfigMap(KubernetesApi api) {
        ConfigMapPort configMap = noting(ConfigMapPort.class, new ConfigMapStore(api, names));
        ConfigMapPort.Write created = configMap.write(new ConfigMapView("", new TreeMap<>()), TIMEOUT);
        ConfigMapView stored = ((ConfigMapPort.Write.Stored) created).stored();
        assertThat(configMap.write(stored, TIMEOUT)).isInstanceOf(ConfigMapPort.Write.Stored.class);
        assertThat(configMap.read(TIMEOUT)).isInstanceOf(Reading.Value.class);
    }

    private void askOutlook(KubernetesApi api) {
        for (String pod : pods()) {
            OwnPod self = new OwnPod("pg", new Holder(pod, "uid"), "10.0.0.1", 5432, 8008, "n1", "", Tags.NONE, "0.1");
            OutlookPort outlook = noting(OutlookPort.class, new OutlookReader(api, names, self));
            assertThat(outlook.leaving(TIMEOUT)).isEqualTo(Reading.of(false));
            assertThat(outlook.cordoned(TIMEOUT)).as("there is no node").isInstanceOf(Reading.Failure.class);
        }
    }

    /** Events are sent by and by: answers with the requests seen until they were. */
    private List<ApiRequest> askPods(KubernetesApi api) throws Exception {
        List<ApiRequest> seen = new ArrayList<>();
        try (Pods adapter = new Pods(api, names, new Holder("pg-0", "uid-0"), ZonedDateTime::now, System::nanoTime)) {
            PodPort port = noting(PodPort.class, adapter);
            Map<String, PodPort.RoleLabel> roles = new HashMap<>();
            pods().forEach(pod -> roles.put(pod, PodPort.RoleLabel.REPLICA));
            assertThat(port.label(roles, TIMEOUT).succeeded()).isTrue();
            assertThat(port.exists("pg-0", TIMEOUT)).isEqualTo(Reading.of(true));
            port.event("PromoteWon", "twice the same");
            port.event("PromoteWon", "twice the same");
            port.warning("BlockedLag", "another");
            Await.until("two Events and a series", TIMEOUT, () -> {
                seen.addAll(kubernetes.takeRequests());
                return seen.stream()
                                .filter(request -> request.resource().equals("events"))
                                .count()
                        == 3;
            });
        }
        return seen;
    }

    @Test
    void roleGrantsExactlyWhatTheAgentAsksFor() throws Exception {
        List<ApiRequest> all = everyRequest();
        List<ApiRequest> ofNodes = all.stream()
                .filter(request -> request.resource().equals("nodes"))
                .toList();
        List<ApiRequest> ofTheNamespace =
                all.stream().filter(request -> !ofNodes.contains(request)).toList();
        assertExact(GrantedRole.of("account.yaml", "Role", "pg"), ofTheNamespace);
        assertExact(GrantedRole.of("components/node-reader/node-reader.yaml", "ClusterRole", "pg"), ofNodes);
    }

    private static void assertExact(GrantedRole role, List<ApiRequest> requests) {
        assertThat(requests).isNotEmpty();
        assertThat(role.refused(requests)).as("asked for and not granted").isEmpty();
        assertThat(role.unused(requests)).as("granted and never asked for").isEmpty();
    }

    @Test
    void everyMethodOfEveryPortWasTried() throws Exception {
        everyRequest();
        Set<String> methods = new TreeSet<>();
        for (Class<?> port : List.of(LeaseStore.class, PodPort.class, ConfigMapPort.class, OutlookPort.class)) {
            Stream.of(port.getDeclaredMethods())
                    .map(Method::getName)
                    .filter(name -> !name.contains("$"))
                    .forEach(name -> methods.add(port.getSimpleName() + "." + name));
        }
        assertThat(called).containsExactlyInAnyOrderElementsOf(methods);
    }

    /** A request made anywhere else would escape the check above. */
    @Test
    void nothingElseSpeaksToTheApi() {
        assertThat(new ClassFileImporter()
                                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                                .importPackages("org.pgpod.haagent")
                                .get(KubernetesApi.class)
                                .getMethodCallsToSelf()
                                .stream()
                                .filter(call -> Set.of("get", "put", "post", "mergePatch", "delete")
                                        .contains(call.getName()))
                                .map(call -> call.getOriginOwner())
                                .map(JavaClass::getSimpleName)
                                .distinct())
                .containsExactlyInAnyOrder(
                        "LeaseReader", "LeaseWriter", "ConfigMapStore", "PodLabels", "EventQueue", "OutlookReader");
    }

    @Test
    void aRequestOfAnotherClusterIsRefused() {
        GrantedRole role = GrantedRole.of("account.yaml", "Role", "pg");
        List<ApiRequest> foreign = List.of(
                new ApiRequest("get", "coordination.k8s.io", "leases", Optional.of("shop-leader")),
                new ApiRequest("patch", "", "pods", Optional.of("shop-0")),
                new ApiRequest("list", "", "secrets", Optional.empty()));
        assertThat(role.refused(foreign)).hasSize(3);
    }
}
