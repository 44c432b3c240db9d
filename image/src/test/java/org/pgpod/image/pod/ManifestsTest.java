package org.pgpod.image.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The Kustomize base in {@code image/manifests}: generated, and held to what the code generates. */
class ManifestsTest {
    private static final Path MANIFESTS = Path.of(System.getProperty("pgpod.root", ".."), "image", "manifests");

    private static final String HEADER =
            "# Generated from postgres.yaml by org.pgpod.image.pod; a test holds it to the code.\n";

    private static final Map<String, String> FILE_OF_KIND = Map.of(
            "ServiceAccount", "account.yaml",
            "Role", "account.yaml",
            "RoleBinding", "account.yaml",
            "Service", "services.yaml",
            "ConfigMap", "configuration.yaml",
            "Issuer", "certificates.yaml",
            "Certificate", "certificates.yaml",
            "PodDisruptionBudget", "disruption-budget.yaml",
            "StatefulSet", "statefulset.yaml");

    private static Outcome.Injected injected() throws IOException {
        Injector injector = new Injector(InjectionSettings.ofImage(InjectionSettings.DEFAULT_IMAGE));
        ObjectNode plain = Templates.objects(Files.readString(MANIFESTS.resolve("postgres.yaml")))
                .getFirst();
        if (injector.inject(plain) instanceof Outcome.Injected injected) {
            return injected;
        }
        throw new AssertionError("the base's template is not injectable: " + injector.inject(plain));
    }

    private static List<ObjectNode> objects() throws IOException {
        Outcome.Injected injected = injected();
        var objects = new ArrayList<>(ClusterObjects.of(injected.cluster()));
        objects.add(injected.object());
        return objects;
    }

    /** On a difference the generated files are in target/manifests, to be read and copied over. */
    @Test
    void baseIsWhatTheCodeGenerates() throws IOException {
        var files = new LinkedHashMap<String, StringBuilder>();
        for (ObjectNode object : objects()) {
            StringBuilder text =
                    files.computeIfAbsent(FILE_OF_KIND.get(object.path("kind").asText()), _ -> new StringBuilder());
            text.append(text.isEmpty() ? HEADER : "---\n").append(ManifestText.yaml(object));
        }
        Path target = Files.createDirectories(Path.of("target", "manifests"));
        for (Map.Entry<String, StringBuilder> file : files.entrySet()) {
            Files.writeString(target.resolve(file.getKey()), file.getValue());
        }
        for (Map.Entry<String, StringBuilder> file : files.entrySet()) {
            assertThat(MANIFESTS.resolve(file.getKey()))
                    .hasContent(file.getValue().toString());
        }
    }

    @Test
    void kustomizationNamesEveryFile() throws IOException {
        JsonNode kustomization = Templates.objects(Files.readString(MANIFESTS.resolve("kustomization.yaml")))
                .getFirst();
        assertThat(texts(kustomization.path("resources")))
                .containsExactlyInAnyOrderElementsOf(
                        FILE_OF_KIND.values().stream().distinct().toList());
    }

    @Test
    void kubernetesKnowsEveryField() throws IOException {
        for (ObjectNode object : objects()) {
            if (KubernetesModel.knows(object)) {
                assertThat(KubernetesModel.unknownFields(object)).isEmpty();
            } else {
                assertThat(object.path("apiVersion").asText()).isEqualTo("cert-manager.io/v1");
            }
        }
    }

    /** The component is bound to the account of the base. */
    @Test
    void nodeReaderIsKnownAndBoundToTheBasesAccount() throws IOException {
        Path component = MANIFESTS.resolve("components").resolve("node-reader");
        List<ObjectNode> reader = Templates.objects(Files.readString(component.resolve("node-reader.yaml")));
        assertThat(reader)
                .allSatisfy(object ->
                        assertThat(KubernetesModel.unknownFields(object)).isEmpty());
        JsonNode account = reader.getLast().path("subjects").path(0);
        assertThat(objects()).anySatisfy(object -> {
            assertThat(object.path("kind")).isEqualTo(account.path("kind"));
            assertThat(object.path("metadata").path("name")).isEqualTo(account.path("name"));
        });
        JsonNode kustomization = Templates.objects(Files.readString(component.resolve("kustomization.yaml")))
                .getFirst();
        assertThat(texts(kustomization.path("resources"))).containsExactly("node-reader.yaml");
    }

    @Test
    void podIsRestrictedWithoutException() throws IOException {
        Outcome.Injected injected = injected();
        JsonNode spec = injected.object().path("spec").path("template").path("spec");
        assertThat(RestrictedProfile.violations(spec)).isEmpty();
        for (ObjectNode container : containers(spec)) {
            JsonNode context = container.path("securityContext");
            assertThat(context.path("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(context.path("runAsUser").isNumber()).isTrue();
            assertThat(container.path("resources").path("requests").has("memory"))
                    .isTrue();
            assertThat(container.path("resources").path("limits").has("memory")).isTrue();
        }
        assertThat(injected.notes()).isEmpty();
    }

    @Test
    void sidecarsStartInTheOrderThePodNeeds() throws IOException {
        JsonNode spec = injected().object().path("spec").path("template").path("spec");
        assertThat(spec.path("initContainers").valueStream().map(Nodes::name))
                .containsExactly(
                        "pgpod-prepare",
                        "server-image",
                        "extension-loader-init",
                        "ha-agent",
                        "wire-proxy",
                        "log-shipper");
        assertThat(spec.path("initContainers")
                        .valueStream()
                        .filter(container ->
                                container.path("restartPolicy").asText().equals("Always"))
                        .map(Nodes::name))
                .containsExactly("ha-agent", "wire-proxy", "log-shipper");
        assertThat(spec.path("containers").valueStream().map(Nodes::name))
                .containsExactly("postgres", "exporter", "extension-loader");
    }

    @Test
    void roleLimitsByNameWhatCanBeLimited() throws IOException {
        ObjectNode role = objects().stream()
                .filter(object -> object.path("kind").asText().equals("Role"))
                .findFirst()
                .orElseThrow();
        for (ObjectNode rule : Nodes.objects(role, "rules")) {
            List<String> verbs = texts(rule.path("verbs"));
            boolean named = !rule.path("resourceNames").isEmpty();
            boolean needsName = verbs.stream().anyMatch(List.of("get", "update", "patch", "delete")::contains);
            boolean event = texts(rule.path("resources")).equals(List.of("events"));
            assertThat(named).as(rule.toString()).isEqualTo(needsName && !event);
        }
        ObjectNode leases = Nodes.objects(role, "rules").get(2);
        assertThat(texts(leases.path("resourceNames")))
                .startsWith("pg-leader", "pg-pg-0", "pg-pg-1", "pg-pg-2")
                .hasSize(1 + Cluster.MEMBERS_FORESEEN);
    }

    @Test
    void certificatesOfPeersHaveAnAuthorityOfTheirOwn() throws IOException {
        Map<String, String> issuers = new LinkedHashMap<>();
        for (ObjectNode object : objects()) {
            if (object.path("kind").asText().equals("Certificate")) {
                issuers.put(
                        Nodes.name(object.path("metadata")),
                        Nodes.name(object.path("spec").path("issuerRef")));
            }
        }
        assertThat(issuers)
                .containsEntry("pg-client", "pg-client-ca")
                .containsEntry("pg-peer", "pg-peer-ca")
                .containsEntry("pg-client-ca", "pg-selfsigned")
                .containsEntry("pg-peer-ca", "pg-selfsigned");
    }

    @Test
    void objectsCarryTheNamespaceTheyWillLiveIn() {
        var cluster =
                new Cluster("true", Optional.of("shop"), "db", Cluster.membersOf("db", 3, 12), "account-of-my-own");
        List<ObjectNode> objects = ClusterObjects.of(cluster);
        assertThat(objects)
                .allMatch(object ->
                        object.path("metadata").path("namespace").asText().equals("shop"));
        assertThat(objects).noneMatch(object -> object.path("kind").asText().equals("ServiceAccount"));
        assertThat(objects.stream().map(ObjectNode::toString))
                .anySatisfy(text -> assertThat(text).contains("\"true-rw.shop.svc.cluster.local\""))
                .anySatisfy(text -> assertThat(text).contains("\"true-db-3\"", "\"true-db-14\""))
                .anySatisfy(text -> assertThat(text)
                        .contains(
                                "{\"kind\":\"ServiceAccount\",\"name\":\"account-of-my-own\",\"namespace\":\"shop\"}"));
        for (ObjectNode object : objects) {
            assertThat(Templates.objects(ManifestText.yaml(object))).containsExactly(object);
        }
    }

    private static List<ObjectNode> containers(JsonNode spec) {
        return Stream.of("initContainers", "containers")
                .flatMap(list -> Nodes.objects(spec, list).stream())
                .toList();
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
