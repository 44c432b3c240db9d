package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the container of a {@link Sidecar}: every one satisfies the Pod Security profile {@code restricted} by itself,
 * with a read-only root file system, whatever the pod says.
 *
 * @param image reference of the sidecar image
 * @param postgres the Postgres container
 */
record ContainerAssembly(String image, ObjectNode postgres, Examination.Findings findings) {

    ObjectNode container(Sidecar sidecar) {
        ObjectNode container = JsonNodeFactory.instance.objectNode();
        container.put("name", sidecar.name());
        setProgram(container, sidecar);
        addPorts(container, sidecar.ports());
        addProbes(container, sidecar);
        container.set("resources", resources(sidecar.resources()));
        container.set("securityContext", securityContext());
        addMounts(container, sidecar);
        return container;
    }

    private void setProgram(ObjectNode container, Sidecar sidecar) {
        switch (sidecar.program()) {
            case Sidecar.Program.Configured configured -> {
                setSidecarImage(container, sidecar.place(), configured.command());
                ArrayNode environment = identity();
                configured
                        .environment()
                        .forEach((name, value) ->
                                environment.addObject().put("name", name).put("value", value));
                addLimits(environment, configured.limits());
                container.set("env", environment);
            }
            case Sidecar.Program.Plain plain -> setSidecarImage(container, sidecar.place(), plain.command());
            case Sidecar.Program.InServerImage script -> {
                container.set("image", postgres.path("image"));
                if (postgres.hasNonNull("imagePullPolicy")) {
                    container.set("imagePullPolicy", postgres.get("imagePullPolicy"));
                }
                ArrayNode command = container.putArray("command");
                command.add("sh").add("-c").add(script.script()).add(sidecar.name());
                findings.programs().debianMajor().ifPresent(major -> command.add(Integer.toString(major)));
            }
        }
    }

    private void setSidecarImage(ObjectNode container, Sidecar.Place place, List<String> command) {
        container.put("image", image).put("imagePullPolicy", "IfNotPresent");
        if (place == Sidecar.Place.NATIVE) {
            container.put("restartPolicy", "Always");
        }
        ArrayNode words = container.putArray("command");
        command.forEach(words::add);
    }

    private void addMounts(ObjectNode container, Sidecar sidecar) {
        ArrayNode mounts = container.putArray("volumeMounts");
        if (sidecar.program() instanceof Sidecar.Program.Configured) {
            mounts.add(mount(new Sidecar.Mount(
                    PodVolumes.CONFIGURATION,
                    Layout.CONFIGURATION,
                    // One file rather than a directory: the secrets are mounted below the same directory.
                    Optional.of("pgpod.yaml"),
                    Sidecar.Access.READ_ONLY)));
        }
        sidecar.mounts().forEach(mount -> mounts.add(mount(resolved(mount))));
        mounts.add(mount(temporary(sidecar.name())));
    }

    /** A directory of its own for each container: two users share no /tmp. */
    static Sidecar.Mount temporary(String container) {
        return new Sidecar.Mount(PodVolumes.TEMPORARY, "/tmp", Optional.of(container), Sidecar.Access.READ_WRITE);
    }

    private Sidecar.Mount resolved(Sidecar.Mount mount) {
        Sidecar.Mount data = findings.data().volume();
        return mount.volume().equals(PodVolumes.DATA)
                ? new Sidecar.Mount(data.volume(), mount.path(), data.subPath(), mount.access())
                : mount;
    }

    static ObjectNode mount(Sidecar.Mount mount) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", mount.volume());
        node.put("mountPath", mount.path());
        mount.subPath().ifPresent(subPath -> node.put("subPath", subPath));
        if (mount.access() == Sidecar.Access.READ_ONLY) {
            node.put("readOnly", true);
        }
        return node;
    }

    /** The pod's identity, from the downward API; the cluster comes from the label that the Services select by. */
    private static ArrayNode identity() {
        ArrayNode environment = JsonNodeFactory.instance.arrayNode();
        addField(environment, "PGPOD_POD_CLUSTER", "metadata.labels['" + Layout.CLUSTER_LABEL + "']");
        addField(environment, "PGPOD_POD_NAME", "metadata.name");
        addField(environment, "PGPOD_POD_UID", "metadata.uid");
        addField(environment, "PGPOD_POD_NAMESPACE", "metadata.namespace");
        addField(environment, "PGPOD_POD_ADDRESS", "status.podIP");
        addField(environment, "PGPOD_POD_NODE", "spec.nodeName");
        return environment;
    }

    /** Only limits that are there: for one that is missing Kubernetes would tell what the whole node has. */
    private void addLimits(ArrayNode environment, Map<String, String> limits) {
        limits.forEach((name, resource) -> {
            if (postgres.path("resources").path("limits").hasNonNull(resource)) {
                environment
                        .addObject()
                        .put("name", name)
                        .putObject("valueFrom")
                        .putObject("resourceFieldRef")
                        .put("containerName", Nodes.name(postgres))
                        .put("resource", "limits." + resource);
            }
        });
    }

    private static void addField(ArrayNode environment, String name, String fieldPath) {
        environment
                .addObject()
                .put("name", name)
                .putObject("valueFrom")
                .putObject("fieldRef")
                .put("fieldPath", fieldPath);
    }

    private void addPorts(ObjectNode container, List<Sidecar.Port> ports) {
        if (ports.isEmpty()) {
            return;
        }
        ArrayNode nodes = container.putArray("ports");
        for (Sidecar.Port port : ports) {
            nodes.addObject()
                    .put("name", findings.portNames().getOrDefault(port.number(), port.name()))
                    .put("containerPort", port.number())
                    .put("protocol", "TCP");
        }
    }

    private static void addProbes(ObjectNode container, Sidecar sidecar) {
        if (sidecar.adminPort().isEmpty()) {
            return;
        }
        int port = sidecar.adminPort().getAsInt();
        // Alive, not ready: Postgres starts only after every native sidecar has started.
        container.set("startupProbe", probe("/livez", port, 1, 120));
        container.set("livenessProbe", probe("/livez", port, 10, 6));
        if (sidecar.readinessGatesPod()) {
            container.set("readinessProbe", probe("/readyz", port, 2, 1));
        }
    }

    private static ObjectNode probe(String path, int port, int periodSeconds, int failureThreshold) {
        ObjectNode probe = JsonNodeFactory.instance.objectNode();
        probe.putObject("httpGet").put("path", path).put("port", port);
        return probe.put("periodSeconds", periodSeconds)
                .put("timeoutSeconds", 2)
                .put("failureThreshold", failureThreshold);
    }

    private static ObjectNode resources(Sidecar.Resources resources) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.putObject("requests").put("cpu", resources.cpu()).put("memory", resources.memory());
        node.putObject("limits").put("memory", resources.memoryMax());
        return node;
    }

    private ObjectNode securityContext() {
        ObjectNode context = JsonNodeFactory.instance.objectNode();
        context.put("runAsUser", Layout.SIDECAR_UID);
        context.put("runAsGroup", findings.sharedGroup());
        SecurityContext.restrict(context);
        return context;
    }
}
