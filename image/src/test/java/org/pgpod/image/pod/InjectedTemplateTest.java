package org.pgpod.image.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
                .filteredOn(violation -> Sidecar.isName(violation.container())
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
            if (Sidecar.isName(Nodes.name(container))) {
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

    private static List<ObjectNode> containers(Workload workload) {
        return Stream.of("initContainers", "containers")
                .flatMap(list -> Nodes.objects(workload.spec(), list).stream())
                .toList();
    }
}
