package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Reads a template before anything is changed: either everything that {@link PodAssembly} needs, or every problem at once. */
final class Examination {
    /**
     * What is known of the pod to be.
     *
     * @param container position and name of the Postgres container
     * @param portNames the names under which Services know the ports that sidecars take over
     */
    record Findings(
            String cluster,
            PostgresContainer container,
            DataDirectory data,
            long postgresUid,
            long sharedGroup,
            ServerPrograms programs,
            Map<Integer, String> portNames) {
        Findings {
            portNames = Map.copyOf(portNames);
        }
    }

    /** How the examination ended. */
    sealed interface Result {
        record Passed(Findings findings) implements Result {}

        record Failed(List<Problem> problems) implements Result {}
    }

    /** A DNS label: also a legal part of slot and Lease names. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[-a-z0-9]*[a-z0-9])?");

    private static final Pattern POSTGRES_PORT_NAME = Pattern.compile(".*(postgres|pgsql|psql).*");

    /** Postgres itself: on loopback, but not free for another container of the pod. */
    private static final int POSTGRES_PORT = 5433;

    private final Workload workload;
    private final PostgresContainer container;
    private final ObjectNode spec;
    private final List<Problem> problems = new ArrayList<>();

    private Examination(Workload workload, PostgresContainer container) {
        this.workload = workload;
        this.container = container;
        this.spec = workload.spec();
    }

    static Result examine(Workload workload, PostgresContainer container, InjectionSettings settings) {
        return new Examination(workload, container).result(settings);
    }

    private Result result(InjectionSettings settings) {
        String cluster = cluster(settings);
        checkPod();
        checkPorts();
        if (!workload.injectedBefore()) {
            checkNames();
        }
        long group = spec.path("securityContext").path("fsGroup").asLong(Layout.SHARED_GROUP);
        long uid = postgresUid();
        Optional<ServerPrograms> programs = programs();
        Optional<DataDirectory> data = switch (DataDirectory.read(workload, container)) {
            case DataDirectory.Reading.Read read -> Optional.of(read.directory());
            case DataDirectory.Reading.Unusable unusable -> {
                problems.add(unusable.problem());
                yield Optional.empty();
            }
        };
        data.ifPresent(this::checkMounts);
        if (data.isEmpty() || !problems.isEmpty()) {
            return new Result.Failed(List.copyOf(problems));
        }
        return new Result.Passed(
                new Findings(cluster, container, data.get(), uid, group, programs.orElseThrow(), portNames()));
    }

    private String cluster(InjectionSettings settings) {
        String cluster = settings.cluster()
                .or(() -> workload.annotation(Layout.CLUSTER_LABEL))
                .or(() -> workload.templateLabel(Layout.CLUSTER_LABEL))
                .orElseGet(() ->
                        workload.kind().equals("Pod") ? workload.name().replaceFirst("-\\d+$", "") : workload.name());
        checkName(new Problem(workload.id(), "metadata.name", ""), workload.name());
        if (!cluster.equals(workload.name())) {
            checkName(new Problem(workload.id(), "cluster name", ""), cluster);
        }
        return cluster;
    }

    private void checkName(Problem where, String name) {
        if (!NAME.matcher(name).matches() || name.length() > Cluster.WORKLOAD_NAME_LENGTH_MAX) {
            problems.add(new Problem(
                    where.object(),
                    where.field(),
                    "\"" + name + "\" must be lower-case letters, digits and dashes, at most "
                            + Cluster.WORKLOAD_NAME_LENGTH_MAX + " of them"));
        }
    }

    private void checkPod() {
        for (String field : List.of("hostNetwork", "hostPID", "hostIPC")) {
            if (spec.path(field).asBoolean()) {
                refuse(field, "true is not allowed: loopback, process ids and shared memory of a pod must be its own");
            }
        }
    }

    /** Ports that sidecars listen on may not be taken by other containers of the pod. */
    private void checkPorts() {
        for (String list : List.of("initContainers", "containers")) {
            int index = 0;
            for (JsonNode other : spec.path(list)) {
                boolean ours = workload.injectedBefore() && PodContainers.isName(Nodes.name(other));
                boolean postgres =
                        list.equals("containers") && Nodes.name(other).equals(container.name());
                if (postgres) {
                    checkPostgresPorts();
                } else if (!ours) {
                    checkOtherPorts(list + "[" + index + "]", other);
                }
                index++;
            }
        }
    }

    private void checkPostgresPorts() {
        int index = 0;
        for (JsonNode port : container.node().path("ports")) {
            int number = port.path("containerPort").asInt();
            if (number != PodContainers.CLIENT_PORT
                    && POSTGRES_PORT_NAME.matcher(Nodes.name(port)).matches()) {
                refuse(
                        container.path("ports[" + index + "].containerPort"),
                        number + " must be " + PodContainers.CLIENT_PORT + ", where wire-proxy listens for clients");
            }
            index++;
        }
    }

    private void checkOtherPorts(String path, JsonNode other) {
        int index = 0;
        for (JsonNode port : other.path("ports")) {
            int number = port.path("containerPort").asInt();
            owner(number)
                    .ifPresent(owner -> refuse(
                            path + ".ports[" + index + "].containerPort",
                            number + " of container " + Nodes.name(other) + " is the port of " + owner
                                    + " in this pod; use another port, or leave this container out"));
        }
    }

    private static Optional<String> owner(int port) {
        if (port == POSTGRES_PORT) {
            return Optional.of("Postgres");
        }
        return PodContainers.listener(port);
    }

    private void checkNames() {
        for (String list : List.of("initContainers", "containers")) {
            int index = 0;
            for (JsonNode other : spec.path(list)) {
                if (PodContainers.isName(Nodes.name(other))) {
                    refuse(list + "[" + index + "].name", Nodes.name(other) + " is the name of a sidecar; rename it");
                }
                index++;
            }
        }
        Set<String> ours =
                PodVolumes.of("").stream().map(volume -> Nodes.name(volume)).collect(Collectors.toSet());
        int index = 0;
        for (JsonNode volume : spec.path("volumes")) {
            if (ours.contains(Nodes.name(volume))) {
                refuse(
                        "volumes[" + index + "].name",
                        Nodes.name(volume)
                                + " is the name of a volume of pgpod; rename it, or make it a claim template");
            }
            index++;
        }
    }

    private void checkMounts(DataDirectory data) {
        if (Layout.VOLUME_DIRECTORY.startsWith(data.volume().path() + "/")) {
            refuse(
                    container.path("volumeMounts"),
                    data.volume().path() + " is above " + Layout.VOLUME_DIRECTORY
                            + ", where pgpod mounts the same volume;" + " mount it elsewhere, or at "
                            + Layout.VOLUME_DIRECTORY);
        }
        Set<String> taken = PodAssembly.postgresMountPaths();
        int index = 0;
        for (JsonNode mount : container.node().path("volumeMounts")) {
            String path = DataDirectory.normal(mount.path("mountPath").asText());
            boolean ours = Nodes.name(mount).startsWith(Layout.VOLUME_PREFIX);
            boolean otherVolume = path.equals(Layout.VOLUME_DIRECTORY)
                    && !Nodes.name(mount).equals(data.volume().volume());
            if (otherVolume || (!ours && taken.contains(path))) {
                refuse(
                        container.path("volumeMounts[" + index + "].mountPath"),
                        path + " is where pgpod mounts its own volume; mount this one elsewhere");
            }
            index++;
        }
    }

    private long postgresUid() {
        String field = container.path("securityContext.runAsUser");
        OptionalLong written = written(container.node()).stream()
                .boxed()
                .findFirst()
                .or(() -> written(spec).stream().boxed().findFirst())
                .map(OptionalLong::of)
                .orElseGet(() -> PostgresImage.of(container.image()).uid());
        if (written.isEmpty()) {
            refuse(
                    field,
                    "is not set, and the user of image " + container.image()
                            + " is not known; set it to the id of the image's postgres user");
            return -1;
        }
        if (written.getAsLong() == Layout.SIDECAR_UID) {
            refuse(field, Layout.SIDECAR_UID + " is the user of the sidecars; Postgres must run under another id");
        }
        return written.getAsLong();
    }

    private static OptionalLong written(JsonNode holder) {
        JsonNode user = holder.path("securityContext").path("runAsUser");
        return user.isIntegralNumber() ? OptionalLong.of(user.asLong()) : OptionalLong.empty();
    }

    private Optional<ServerPrograms> programs() {
        Optional<String> directory = Nodes.named(container.node(), "env", PodAssembly.PROGRAM_DIRECTORY)
                .flatMap(variable -> Nodes.text(variable, "value"))
                .or(() -> PostgresImage.of(container.image()).programDirectory());
        if (directory.isEmpty()) {
            refuse(
                    container.path("env[" + PodAssembly.PROGRAM_DIRECTORY + "]"),
                    "is not set, and where postgres and initdb are in image " + container.image()
                            + " is not known; set it, for example to /usr/lib/postgresql/17/bin");
        }
        return directory.map(ServerPrograms::of);
    }

    /** Services and monitors may select a port by the name it has in the template: it keeps it in the sidecar. */
    private Map<Integer, String> portNames() {
        var names = new HashMap<Integer, String>();
        for (String list : List.of("initContainers", "containers")) {
            for (JsonNode node : spec.path(list)) {
                boolean postgres = Nodes.name(node).equals(container.name());
                boolean ours = workload.injectedBefore() && PodContainers.isName(Nodes.name(node));
                if (postgres || ours) {
                    StreamSupport.stream(node.path("ports").spliterator(), false)
                            .filter(port -> !Nodes.name(port).isEmpty() && !isOfAnotherPort(port))
                            .forEach(
                                    port -> names.put(port.path("containerPort").asInt(), Nodes.name(port)));
                }
            }
        }
        return names;
    }

    /** A name that a sidecar's own port has already. */
    private static boolean isOfAnotherPort(JsonNode port) {
        return PodContainers.ports()
                .anyMatch(own -> own.name().equals(Nodes.name(port))
                        && own.number() != port.path("containerPort").asInt());
    }

    private void refuse(String field, String reason) {
        problems.add(workload.problem(field, reason));
    }
}
