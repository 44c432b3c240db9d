package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * The rules of the Kubernetes Pod Security Standards, profile {@code restricted}, for Linux pods: an empty list means
 * that the admission controller would let the pod in. Source: the standard's table of controls, baseline and
 * restricted.
 */
final class RestrictedProfile {
    private static final List<String> CONTAINER_LISTS = List.of("initContainers", "containers", "ephemeralContainers");
    private static final Set<String> VOLUME_KINDS = Set.of(
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret");
    private static final Set<String> SECCOMP = Set.of("RuntimeDefault", "Localhost");
    private static final Set<String> APPARMOR = Set.of("RuntimeDefault", "Localhost");

    /** A broken rule: whose it is (empty: the pod's), path below the pod's {@code spec}, and the sentence. */
    record Violation(String container, String field, String reason) {}

    private final JsonNode spec;
    private String container = "";
    private final List<Violation> violations = new ArrayList<>();

    private RestrictedProfile(JsonNode spec) {
        this.spec = spec;
    }

    /** Checks a pod's {@code spec}. */
    static List<Violation> violations(JsonNode spec) {
        var profile = new RestrictedProfile(spec);
        profile.checkPod();
        for (String list : CONTAINER_LISTS) {
            int index = 0;
            for (JsonNode node : spec.path(list)) {
                profile.container = Nodes.name(node);
                profile.checkContainer(list + "[" + index++ + "]", node);
            }
        }
        return List.copyOf(profile.violations);
    }

    private void checkPod() {
        for (String field : List.of("hostNetwork", "hostPID", "hostIPC")) {
            if (spec.path(field).asBoolean()) {
                violate(field, "true is not allowed; leave it out");
            }
        }
        int index = 0;
        for (JsonNode volume : spec.path("volumes")) {
            checkVolume("volumes[" + index++ + "]", volume);
        }
        if (!spec.path("securityContext").path("sysctls").isEmpty()) {
            violate("securityContext.sysctls", "kernel settings are not allowed; leave them out");
        }
        checkCommon("securityContext", spec.path("securityContext"));
    }

    private void checkVolume(String path, JsonNode volume) {
        volume.fieldNames().forEachRemaining(kind -> {
            if (!kind.equals("name") && !VOLUME_KINDS.contains(kind)) {
                violate(path + "." + kind, "volumes of this kind are not allowed; allowed are " + sorted(VOLUME_KINDS));
            }
        });
    }

    private void checkContainer(String path, JsonNode node) {
        JsonNode context = node.path("securityContext");
        String contextPath = path + ".securityContext";
        checkCommon(contextPath, context);
        if (context.path("privileged").asBoolean()) {
            violate(contextPath + ".privileged", "true is not allowed; leave it out");
        }
        if (!isFalse(context.path("allowPrivilegeEscalation"))) {
            violate(
                    contextPath + ".allowPrivilegeEscalation",
                    shown(context, "allowPrivilegeEscalation") + "must be false");
        }
        checkCapabilities(contextPath + ".capabilities", context.path("capabilities"));
        if (!effective(context, "runAsNonRoot").asBoolean()) {
            violate(contextPath + ".runAsNonRoot", shown(context, "runAsNonRoot") + "must be true");
        }
        if (seccomp(context).isEmpty()) {
            violate(contextPath + ".seccompProfile.type", "must be one of " + sorted(SECCOMP));
        }
        String procMount = context.path("procMount").asText("Default");
        if (!procMount.equals("Default")) {
            violate(contextPath + ".procMount", procMount + " is not allowed; allowed is Default");
        }
        int index = 0;
        for (JsonNode port : node.path("ports")) {
            if (port.path("hostPort").asInt() != 0) {
                violate(
                        path + ".ports[" + index + "].hostPort",
                        port.path("hostPort") + " is not allowed; leave it out");
            }
            index++;
        }
    }

    /** What a pod's and a container's context have in common. */
    private void checkCommon(String path, JsonNode context) {
        JsonNode user = context.path("runAsUser");
        if (user.isNumber() && user.asLong() == 0) {
            violate(path + ".runAsUser", "0 is root; must be the id of another user");
        }
        String seccomp = context.path("seccompProfile").path("type").asText("RuntimeDefault");
        if (!SECCOMP.contains(seccomp)) {
            violate(path + ".seccompProfile.type", seccomp + " is not allowed; allowed are " + sorted(SECCOMP));
        }
        String appArmor = context.path("appArmorProfile").path("type").asText("RuntimeDefault");
        if (!APPARMOR.contains(appArmor)) {
            violate(path + ".appArmorProfile.type", appArmor + " is not allowed; allowed are " + sorted(APPARMOR));
        }
        JsonNode seLinux = context.path("seLinuxOptions");
        if (seLinux.hasNonNull("user") || seLinux.hasNonNull("role")) {
            violate(path + ".seLinuxOptions", "user and role must not be set");
        }
        if (context.path("windowsOptions").path("hostProcess").asBoolean()) {
            violate(path + ".windowsOptions.hostProcess", "true is not allowed; leave it out");
        }
    }

    private void checkCapabilities(String path, JsonNode capabilities) {
        boolean dropsAll = StreamSupport.stream(capabilities.path("drop").spliterator(), false)
                .anyMatch(name -> name.asText().equals("ALL"));
        if (!dropsAll) {
            violate(path + ".drop", "must contain ALL");
        }
        for (JsonNode added : capabilities.path("add")) {
            if (!added.asText().equals("NET_BIND_SERVICE")) {
                violate(path + ".add", added.asText() + " is not allowed; allowed is NET_BIND_SERVICE");
            }
        }
    }

    private String seccomp(JsonNode context) {
        JsonNode own = context.path("seccompProfile").path("type");
        return own.isTextual()
                ? own.asText()
                : spec.path("securityContext")
                        .path("seccompProfile")
                        .path("type")
                        .asText();
    }

    private JsonNode effective(JsonNode context, String field) {
        return context.hasNonNull(field)
                ? context.path(field)
                : spec.path("securityContext").path(field);
    }

    private static boolean isFalse(JsonNode value) {
        return value.isBoolean() && !value.asBoolean();
    }

    private static String shown(JsonNode context, String field) {
        return context.hasNonNull(field) ? context.get(field).asText() + " is not allowed; " : "";
    }

    private static String sorted(Set<String> values) {
        return String.join(", ", values.stream().sorted().toList());
    }

    private void violate(String field, String reason) {
        violations.add(new Violation(container, field, reason));
    }
}
