package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * The one container of a pod that is Postgres: the one the annotation {@code pgpod.org/container} names, else the only
 * one whose image is a Postgres server's or that declares port 5432.
 *
 * @param index position among {@code spec.containers}
 */
record PostgresContainer(int index, String name, ObjectNode node) {

    /** How the search ended. */
    sealed interface Search {
        record Found(PostgresContainer container) implements Search {}

        record NotThere() implements Search {}

        record Unclear(Problem problem) implements Search {}
    }

    static Search find(Workload workload) {
        List<PostgresContainer> all = containers(workload);
        Optional<String> wanted = workload.annotation(Layout.CONTAINER);
        if (wanted.isPresent()) {
            return named(wanted.get(), all, workload);
        }
        List<PostgresContainer> candidates =
                all.stream().filter(PostgresContainer::looksLikePostgres).toList();
        return switch (candidates.size()) {
            case 0 -> new Search.NotThere();
            case 1 -> new Search.Found(candidates.getFirst());
            default ->
                new Search.Unclear(workload.problem(
                        "containers",
                        names(candidates) + " all look like Postgres; name the one that is with the annotation "
                                + Layout.CONTAINER));
        };
    }

    private static Search named(String wanted, List<PostgresContainer> all, Workload workload) {
        return all.stream()
                .filter(container -> container.name.equals(wanted))
                .findFirst()
                .<Search>map(Search.Found::new)
                .orElseGet(() -> new Search.Unclear(workload.problem(
                        "containers",
                        "annotation " + Layout.CONTAINER + " names " + wanted + ", which is not there; there are "
                                + names(all))));
    }

    private static List<PostgresContainer> containers(Workload workload) {
        var containers = new ArrayList<PostgresContainer>();
        int index = 0;
        for (ObjectNode node : Nodes.objects(workload.spec(), "containers")) {
            if (!(workload.injectedBefore() && PodContainers.isName(Nodes.name(node)))) {
                containers.add(new PostgresContainer(index, Nodes.name(node), node));
            }
            index++;
        }
        return containers;
    }

    private boolean looksLikePostgres() {
        return PostgresImage.isServer(image())
                || StreamSupport.stream(node.path("ports").spliterator(), false)
                        .anyMatch(port -> port.path("containerPort").asInt() == PodContainers.CLIENT_PORT);
    }

    private static String names(List<PostgresContainer> containers) {
        return String.join(
                ", ", containers.stream().map(PostgresContainer::name).toList());
    }

    String image() {
        return Nodes.text(node, "image").orElse("");
    }

    /** Path of a field of this container below the pod's {@code spec}. */
    String path(String field) {
        return "containers[" + index + "]." + field;
    }
}
