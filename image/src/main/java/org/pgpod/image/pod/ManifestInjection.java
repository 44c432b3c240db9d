package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Injects the objects of one text: documents, and the items of lists. Nothing is printed unless all of it is right. */
final class ManifestInjection {
    /** What became of a text. */
    sealed interface Result {
        record Done(String text, List<String> notes) implements Result {}

        record Failed(List<String> reasons) implements Result {}
    }

    /** Whether the objects that a cluster needs beside its pods are written too. */
    enum Extent {
        PODS,
        PODS_AND_OBJECTS
    }

    private final Injector injector;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Cluster> clusters = new ArrayList<>();

    private ManifestInjection(Injector injector) {
        this.injector = injector;
    }

    static Result inject(ManifestText manifests, Injector injector, Extent extent) {
        var injection = new ManifestInjection(injector);
        List<Optional<ObjectNode>> changed =
                manifests.documents().stream().map(injection::process).toList();
        if (extent == Extent.PODS_AND_OBJECTS) {
            injection.requireNamespaces();
        }
        if (!injection.problems.isEmpty()) {
            return new Result.Failed(
                    injection.problems.stream().map(Problem::toString).toList());
        }
        if (injection.clusters.isEmpty()) {
            return new Result.Failed(List.of("no StatefulSet with a Postgres container is in it; if the image is not"
                    + " recognised, name the container with the annotation " + Layout.CONTAINER));
        }
        List<ObjectNode> more = extent == Extent.PODS
                ? List.of()
                : injection.clusters.stream()
                        .flatMap(cluster -> ClusterObjects.of(cluster).stream())
                        .toList();
        return new Result.Done(print(manifests, changed, more), List.copyOf(injection.notes));
    }

    private void requireNamespaces() {
        clusters.stream()
                .filter(cluster -> cluster.namespace().isEmpty())
                .forEach(cluster -> problems.add(new Problem(
                        cluster.workload(),
                        "metadata.namespace",
                        "is not set, and permissions need it; set it, or give --namespace")));
    }

    private Optional<ObjectNode> process(ManifestText.Document document) {
        if (document.tree().isEmpty()) {
            return Optional.empty();
        }
        ObjectNode tree = document.tree().get();
        int problemsBefore = problems.size();
        Optional<ObjectNode> result = isList(tree) ? processList(tree) : processObject(tree);
        if (document.hasAliases() && (result.isPresent() || problems.size() > problemsBefore)) {
            problems.add(new Problem(
                    Nodes.text(tree, "kind").orElse("object") + "/" + Nodes.name(tree.path("metadata")),
                    "document",
                    "YAML aliases and merge keys cannot be kept when an object is rewritten; write the values out"));
        }
        return result;
    }

    private Optional<ObjectNode> processList(ObjectNode list) {
        ObjectNode copy = list.deepCopy();
        ArrayNode items = Nodes.array(copy, "items");
        boolean changed = false;
        for (int index = 0; index < items.size(); index++) {
            if (items.get(index) instanceof ObjectNode item) {
                Optional<ObjectNode> result = processObject(item);
                if (result.isPresent()) {
                    items.set(index, result.get());
                    changed = true;
                }
            }
        }
        return changed ? Optional.of(copy) : Optional.empty();
    }

    private Optional<ObjectNode> processObject(ObjectNode object) {
        return switch (injector.inject(object)) {
            case Outcome.Untouched _ -> Optional.empty();
            case Outcome.Refused refused -> {
                problems.addAll(refused.problems());
                yield Optional.empty();
            }
            case Outcome.Injected injected -> {
                clusters.add(injected.cluster());
                injected.notes().forEach(note -> notes.add(injected.cluster().workload() + ": " + note));
                yield Optional.of(injected.object());
            }
        };
    }

    /** A JSON text holds one value: further objects make it a List. */
    private static String print(ManifestText manifests, List<Optional<ObjectNode>> changed, List<ObjectNode> more) {
        if (!manifests.isJson() || more.isEmpty()) {
            return manifests.print(changed, more);
        }
        ObjectNode list = ManifestText.parseOwn("{apiVersion: v1, kind: List, items: []}");
        ArrayNode items = Nodes.array(list, "items");
        ObjectNode only = changed.getFirst().orElseThrow();
        if (isList(only)) {
            only.path("items").forEach(items::add);
        } else {
            items.add(only);
        }
        more.forEach(items::add);
        return manifests.print(List.of(Optional.of(list)), List.of());
    }

    private static boolean isList(JsonNode object) {
        return object.path("kind").asText().endsWith("List")
                && object.path("items").isArray();
    }
}
