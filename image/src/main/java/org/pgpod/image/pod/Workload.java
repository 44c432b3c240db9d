package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * A Kubernetes object that has a pod template in it, or is a pod.
 *
 * @param template the node with the pod's {@code metadata} and {@code spec}
 * @param templatePath path of the template, ending with a dot, empty for a pod
 */
record Workload(ObjectNode object, String kind, String name, ObjectNode template, String templatePath) {

    /** Kinds that run servers. Jobs are not among them: a Postgres image in one of those is a client. */
    private static final List<String> WITH_TEMPLATE = List.of("StatefulSet", "Deployment", "ReplicaSet", "DaemonSet");

    static Optional<Workload> of(ObjectNode object) {
        String kind = Nodes.text(object, "kind").orElse("");
        String name = Nodes.name(object.path("metadata"));
        if (kind.equals("Pod") && object.get("spec") instanceof ObjectNode) {
            return Optional.of(new Workload(object, kind, name, object, ""));
        }
        if (WITH_TEMPLATE.contains(kind)
                && object.path("spec").get("template") instanceof ObjectNode template
                && template.get("spec") instanceof ObjectNode) {
            return Optional.of(new Workload(object, kind, name, template, "spec.template."));
        }
        return Optional.empty();
    }

    /** Only these give each member a stable name and a volume of its own. */
    boolean hasStableMembers() {
        return kind.equals("StatefulSet") || kind.equals("Pod");
    }

    ObjectNode spec() {
        return (ObjectNode) template.path("spec");
    }

    boolean injectedBefore() {
        return Nodes.text(template.path("metadata").path("annotations"), Layout.INJECTED)
                .isPresent();
    }

    /** An annotation of the template, else of the object around it. */
    Optional<String> annotation(String key) {
        return Nodes.text(template.path("metadata").path("annotations"), key)
                .or(() -> Nodes.text(object.path("metadata").path("annotations"), key));
    }

    Optional<String> templateLabel(String key) {
        return Nodes.text(template.path("metadata").path("labels"), key);
    }

    List<ObjectNode> claimTemplates() {
        return Nodes.objects(object.path("spec"), "volumeClaimTemplates");
    }

    boolean hasClaimTemplate(String volume) {
        return claimTemplates().stream()
                .anyMatch(claim -> Nodes.name(claim.path("metadata")).equals(volume));
    }

    JsonNode replicas() {
        return object.path("spec").path("replicas");
    }

    int firstOrdinal() {
        return object.path("spec").path("ordinals").path("start").asInt(0);
    }

    String id() {
        return kind + "/" + (name.isEmpty() ? "?" : name);
    }

    /** A problem with a field below the pod's {@code spec}. */
    Problem problem(String field, String reason) {
        return new Problem(id(), templatePath + "spec." + field, reason);
    }
}
