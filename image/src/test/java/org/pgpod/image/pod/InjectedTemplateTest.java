package org.pgpod.image.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.pod.PodSettings;

/** What injection makes of templates in the manner of well-known charts. */
class InjectedTemplateTest {
    static Stream<String> names() {
        return Templates.NAMES.stream();
    }

    /** On a difference the new text is in target/golden, to be read and copied over. */
    @ParameterizedTest
    @MethodSource("names")
    void resultIsTheOneThatWasReviewed(String name) throws IOException {
        String injected = Templates.injected(Templates.text("templates/" + name));
        Path written = Path.of("target", "golden", name);
        Files.createDirectories(written.getParent());
        Files.writeString(written, injected);
        assertThat(injected).isEqualTo(Templates.text("golden/" + name));
    }

    @ParameterizedTest
    @MethodSource("names")
    void injectingTwiceIsInjectingOnce(String name) {
        String once = Templates.injected(Templates.text("templates/" + name));
        assertThat(Templates.injected(once)).isEqualTo(once);
    }

    @ParameterizedTest
    @MethodSource("names")
    void kubernetesKnowsEveryField(String name) {
        for (ObjectNode object : Templates.objects(Templates.injected(Templates.text("templates/" + name)))) {
            assertThat(KubernetesModel.unknownFields(object)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyContainerOfOursAndPostgresIsRestricted(String name) {
        Workload workload = Templates.workload(Templates.injected(Templates.text("templates/" + name)));
        String postgres = workload.annotation(Layout.CONTAINER).orElseThrow();
        assertThat(RestrictedProfile.violations(workload.spec()))
                .filteredOn(violation -> PodContainers.isName(violation.container())
                        || violation.container().equals(postgres))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("names")
    void sidecarsAndPostgresRunAsDifferentUsersOfOneGroup(String name) {
        Workload workload = Templates.workload(Templates.injected(Templates.text("templates/" + name)));
        long group = workload.spec().path("securityContext").path("fsGroup").asLong();
        for (ObjectNode container : containers(workload)) {
            JsonNode context = container.path("securityContext");
            if (PodContainers.isName(Nodes.name(container))) {
                assertThat(context.path("runAsUser").asLong()).isEqualTo(Layout.SIDECAR_UID);
                assertThat(context.path("runAsGroup").asLong()).isEqualTo(group);
            } else {
                assertThat(context.path("runAsUser").asLong()).isNotEqualTo(Layout.SIDECAR_UID);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void onlyTheAgentHoldsAnApiToken(String name) {
        Workload workload = Templates.workload(Templates.injected(Templates.text("templates/" + name)));
        assertThat(containers(workload))
                .filteredOn(container -> Nodes.named(container, "volumeMounts", PodVolumes.API_ACCESS)
                        .isPresent())
                .extracting(Nodes::name)
                .containsExactly("ha-agent");
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyMountHasItsVolumeAndNoPathIsMountedTwice(String name) {
        Workload workload = Templates.workload(Templates.injected(Templates.text("templates/" + name)));
        for (ObjectNode container : containers(workload)) {
            List<ObjectNode> mounts = Nodes.objects(container, "volumeMounts");
            assertThat(mounts)
                    .allSatisfy(mount -> assertThat(Nodes.named(workload.spec(), "volumes", Nodes.name(mount))
                                            .isPresent()
                                    || workload.hasClaimTemplate(Nodes.name(mount)))
                            .isTrue());
            assertThat(mounts)
                    .extracting(mount -> mount.path("mountPath").asText())
                    .doesNotHaveDuplicates();
        }
    }

    /** What the agent is told of the limits of the Postgres container, by the names of the variables. */
    private static Map<String, String> toldLimits(ObjectNode limits) {
        ObjectNode template =
                Templates.workload(Templates.text("templates/minimal.yaml")).object();
        ObjectNode postgres = (ObjectNode) template.path("spec")
                .path("template")
                .path("spec")
                .path("containers")
                .get(0);
        postgres.putObject("resources").set("limits", limits);
        Outcome outcome = Templates.INJECTOR.inject(template);
        ObjectNode injected = ((Outcome.Injected) outcome).object();
        assertThat(KubernetesModel.unknownFields(injected)).isEmpty();
        assertThat(((Outcome.Injected) Templates.INJECTOR.inject(injected)).object())
                .isEqualTo(injected);
        ObjectNode agent = Nodes.named(
                        (ObjectNode) injected.path("spec").path("template").path("spec"), "initContainers", "ha-agent")
                .orElseThrow();
        Map<String, String> told = new HashMap<>();
        for (ObjectNode variable : Nodes.objects(agent, "env")) {
            JsonNode reference = variable.path("valueFrom").path("resourceFieldRef");
            if (!reference.isMissingNode()) {
                assertThat(reference.path("containerName").asText()).isEqualTo(Nodes.name(postgres));
                told.put(Nodes.name(variable), reference.path("resource").asText());
            }
        }
        return told;
    }

    @Test
    void theAgentIsToldTheLimitsThatPostgresHas() {
        ObjectNode both =
                JsonNodeFactory.instance.objectNode().put("memory", "2Gi").put("cpu", "1500m");
        ObjectNode memory = JsonNodeFactory.instance.objectNode().put("memory", "2Gi");

        assertThat(toldLimits(both))
                .isEqualTo(Map.of(
                        "PGPOD_HA_AGENT_CONTAINER_MEMORY", "limits.memory",
                        "PGPOD_HA_AGENT_CONTAINER_CPUS", "limits.cpu"));
        assertThat(toldLimits(memory)).isEqualTo(Map.of("PGPOD_HA_AGENT_CONTAINER_MEMORY", "limits.memory"));
        assertThat(toldLimits(JsonNodeFactory.instance.objectNode())).isEmpty();
    }

    @Test
    void documentsThatAreNoneOfOurBusinessKeepTheirText() {
        String template = Templates.text("templates/minimal.yaml");
        String injected = Templates.injected(template);
        assertThat(injected)
                .startsWith(template.substring(0, template.indexOf("---")))
                .endsWith(template.substring(template.lastIndexOf("---")));
    }

    @Test
    void templatePortKeepsItsNameBehindTheProxy() {
        Workload workload = Templates.workload(Templates.injected(Templates.text("templates/bitnami-style.yaml")));
        ObjectNode proxy =
                Nodes.named(workload.spec(), "initContainers", "wire-proxy").orElseThrow();
        assertThat(proxy.path("ports").path(0).path("name").asText()).isEqualTo("tcp-postgresql");
        assertThat(Nodes.named(workload.spec(), "containers", "postgresql")
                        .orElseThrow()
                        .has("ports"))
                .isFalse();
    }

    @Test
    void volumeInUseIsRecognisedByItsFormerDataDirectory() {
        Workload workload = Templates.workload(Templates.injected(Templates.text("templates/spilo-style.yaml")));
        ObjectNode prepare =
                Nodes.named(workload.spec(), "initContainers", "pgpod-prepare").orElseThrow();
        assertThat(prepare.path("command").toString())
                .endsWith("\"--refuse-existing\",\"/var/lib/pgpod/pgroot/data\"]");
    }

    @Test
    void newerImageReplacesTheSidecarsOfAnOlderOne() {
        String template = Templates.text("templates/bitnami-style.yaml");
        String older = Templates.injected(template)
                .replace("registry.example.com/pgpod:1", "registry.example.com/pgpod:0")
                .replace("pgpod.org/injected: 0.1.0", "pgpod.org/injected: 0.0.9")
                .replace("name: pgpod-shm", "name: pgpod-abandoned");
        assertThat(Templates.injected(older)).isEqualTo(Templates.injected(template));
    }

    @Test
    void extensionsAreLoadedOnlyIntoImagesOfDebianPackages() {
        Workload debian = Templates.workload(Templates.injected(Templates.text("templates/minimal.yaml")));
        ObjectNode server = Nodes.named(debian.spec(), "containers", "db").orElseThrow();
        assertThat(environment(server))
                .containsEntry("PGPOD_BINDIR", "/var/lib/pgpod-extensions/tree/lib/postgresql/17/bin")
                .containsEntry("LD_LIBRARY_PATH", "/var/lib/pgpod-extensions/tree/lib");
        ObjectNode listing =
                Nodes.named(debian.spec(), "initContainers", "server-image").orElseThrow();
        assertThat(listing.path("image")).isEqualTo(server.path("image"));

        Workload other = Templates.workload(Templates.injected(Templates.text("templates/bitnami-style.yaml")));
        assertThat(containers(other)).extracting(Nodes::name).doesNotContain("server-image", "extension-loader");
        assertThat(environment(
                        Nodes.named(other.spec(), "containers", "postgresql").orElseThrow()))
                .containsEntry("PGPOD_BINDIR", "/opt/bitnami/postgresql/bin")
                .doesNotContainKey("LD_LIBRARY_PATH");
    }

    @Test
    void passwordInTheEnvironmentDoesNotReachReplication() {
        String template =
                Templates.text("templates/minimal.yaml").replace("env: [", "env: [{name: PGPASSWORD, value: secret}, ");
        Workload workload = Templates.workload(Templates.injected(template));
        assertThat(environment(Nodes.named(workload.spec(), "containers", "db").orElseThrow()))
                .doesNotContainKey("PGPASSWORD");
        assertThat(Templates.notes(template))
                .anySatisfy(note -> assertThat(note).contains("PGPASSWORD").doesNotContain("secret"));
    }

    @Test
    void libraryPathOfTheTemplateIsKept() {
        String template = Templates.text("templates/minimal.yaml")
                .replace("env: [", "env: [{name: LD_LIBRARY_PATH, value: /opt/lib}, ");
        String once = Templates.injected(template);
        ObjectNode server =
                Nodes.named(Templates.workload(once).spec(), "containers", "db").orElseThrow();
        assertThat(environment(server)).containsEntry("LD_LIBRARY_PATH", "/var/lib/pgpod-extensions/tree/lib:/opt/lib");
        assertThat(Templates.injected(once)).isEqualTo(once);
    }

    /** Keys and defaults of the section pod are sidecar-core's: the template must fit them without a file. */
    @Test
    void environmentSaysAllThatASidecarMustKnowOfItsPod() throws ConfigurationException {
        Workload workload = Templates.workload(Templates.injected(Templates.text("templates/minimal.yaml")));
        ObjectNode agent =
                Nodes.named(workload.spec(), "initContainers", "ha-agent").orElseThrow();
        var variables = new HashMap<String, String>();
        for (ObjectNode variable : Nodes.objects(agent, "env")) {
            assertThat(variable.path("valueFrom").path("fieldRef").has("fieldPath"))
                    .isTrue();
            variables.put(Nodes.name(variable), "value");
        }
        PodSettings pod = PodSettings.from(Configuration.read(
                        Optional.empty(), variables, List.of(PodSettings.SCHEMA), Set.of(PodSettings.SCHEMA.name()))
                .section(PodSettings.SCHEMA));
        assertThat(pod.node()).contains("value");
        assertThat(Stream.of(
                                pod.runDirectory(),
                                pod.volumeDirectory(),
                                pod.postgresLogDirectory(),
                                pod.sidecarLogDirectory(),
                                pod.extensionDirectory(),
                                pod.credentialsDirectory(),
                                pod.clientCertificateDirectory(),
                                pod.peerCertificateDirectory())
                        .map(Path::toString))
                .containsExactly(
                        Layout.RUN,
                        Layout.VOLUME_DIRECTORY,
                        Layout.POSTGRES_LOGS,
                        Layout.SIDECAR_LOGS,
                        Layout.EXTENSIONS,
                        Layout.CREDENTIALS,
                        Layout.CLIENT_CERTIFICATE,
                        Layout.PEER_CERTIFICATE);
        assertThat(PreStopHook.SCRIPT).contains("mailbox=" + pod.supervisorDirectory() + "\n");
    }

    @Test
    void whatNoLongerWorksIsSaid() {
        assertThat(Templates.notes(Templates.text("templates/official-tutorial.yaml")))
                .anySatisfy(note -> assertThat(note).contains("max_connections=200"))
                .anySatisfy(note -> assertThat(note).contains("livenessProbe"))
                .anySatisfy(note -> assertThat(note).contains("podManagementPolicy"))
                .anySatisfy(note -> assertThat(note).contains("terminationGracePeriodSeconds raised to 180"));
        assertThat(Templates.notes(Templates.text("templates/bitnami-style.yaml")))
                .anySatisfy(note ->
                        assertThat(note).contains("spec.template.spec.initContainers[0].securityContext.runAsUser"));
    }

    private static Map<String, String> environment(ObjectNode container) {
        return Nodes.objects(container, "env").stream()
                .collect(Collectors.toMap(
                        Nodes::name, variable -> variable.path("value").asText()));
    }

    private static List<ObjectNode> containers(Workload workload) {
        return Stream.of("initContainers", "containers")
                .flatMap(list -> Nodes.objects(workload.spec(), list).stream())
                .toList();
    }
}
