package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Writes pgpod into a template that passed its {@link Examination}. Everything of pgpod's names is taken out first and
 * added anew, so that the result is the same however often, and by whichever version, it was injected before.
 */
final class PodAssembly {
    static final String PROGRAM_DIRECTORY = "PGPOD_BINDIR";
    private static final String LIBRARY_PATH = "LD_LIBRARY_PATH";

    /** libpq takes these before the password file that standbys, pg_basebackup and pg_rewind are given. */
    private static final Set<String> OVERRIDING = Set.of(
            "PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE", "PGOPTIONS", "PGHOSTADDR", "PGREQUIREAUTH");

    private static final List<Sidecar.Mount> POSTGRES_MOUNTS = List.of(
            Sidecar.Mount.readWrite(PodVolumes.RUN, Layout.RUN),
            Sidecar.Mount.readWrite(PodVolumes.LOGS, Layout.LOGS),
            Sidecar.Mount.readOnly(PodVolumes.EXTENSIONS, Layout.EXTENSIONS),
            Sidecar.Mount.readOnly(PodVolumes.SUPERVISOR, Layout.SUPERVISOR_DIRECTORY),
            Sidecar.Mount.readOnly(PodVolumes.PEER_CERTIFICATE, Layout.PEER_CERTIFICATE));

    private final Workload workload;
    private final Examination.Findings findings;
    private final boolean injectedBefore;
    private final ObjectNode spec;
    private final ObjectNode postgres;
    private final List<String> notes = new ArrayList<>();

    /** The workload must be a copy: it is changed. */
    PodAssembly(Workload workload, Examination.Findings findings) {
        this.workload = workload;
        this.findings = findings;
        this.injectedBefore = workload.injectedBefore();
        this.spec = workload.spec();
        this.postgres = findings.container().node();
    }

    static Set<String> postgresMountPaths() {
        return POSTGRES_MOUNTS.stream().map(Sidecar.Mount::path).collect(Collectors.toSet());
    }

    /** Changes the workload and returns what people should know of it. */
    List<String> assemble(String image) {
        writeMetadata();
        writePod();
        writePostgres();
        writeSidecars(image);
        writeVolumes();
        return List.copyOf(notes);
    }

    private void writeMetadata() {
        ObjectNode metadata = Nodes.object(workload.template(), "metadata");
        Nodes.object(metadata, "labels").put(Layout.CLUSTER_LABEL, findings.cluster());
        ObjectNode annotations = Nodes.object(metadata, "annotations");
        annotations.put(Layout.INJECTED, Layout.VERSION);
        annotations.put(Layout.CONTAINER, findings.container().name());
        if (!findings.data().isWherePgpodHasIt()) {
            annotations.put(Layout.FORMER_PGDATA, findings.data().former());
        }
    }

    private void writePod() {
        ObjectNode context = Nodes.object(spec, "securityContext");
        Nodes.putIfAbsent(context, "fsGroup", LongNode.valueOf(findings.sharedGroup()));
        // Always would widen the permissions of PGDATA at each start, and Postgres refuses such a directory.
        if (!context.path("fsGroupChangePolicy").asText().equals("OnRootMismatch")) {
            context.put("fsGroupChangePolicy", "OnRootMismatch");
        }
        // A Service named pgpod-… would otherwise become PGPOD_… variables, which override configuration.
        Nodes.putIfAbsent(spec, "enableServiceLinks", BooleanNode.FALSE);
        writeServiceAccount();
        long grace = PreStopHook.GRACE_PERIOD_MIN.toSeconds();
        if (spec.path("terminationGracePeriodSeconds").asLong(0) < grace) {
            noteIf(
                    spec.hasNonNull("terminationGracePeriodSeconds"),
                    "terminationGracePeriodSeconds raised to " + grace + " so that a switchover fits in");
            spec.put("terminationGracePeriodSeconds", grace);
        }
    }

    /** The pod's token goes to ha-agent alone, unless the template has an account of its own and so may need it. */
    private void writeServiceAccount() {
        String ours = Cluster.serviceAccountOf(findings.cluster());
        String account = Nodes.text(spec, "serviceAccountName").orElse("default");
        if (account.equals("default") || account.equals(ours)) {
            spec.put("serviceAccountName", ours);
            Nodes.putIfAbsent(spec, "automountServiceAccountToken", BooleanNode.FALSE);
        }
    }

    private void writePostgres() {
        noteReplaced();
        postgres.putArray("command").add(Layout.SUPERVISOR);
        postgres.remove(List.of("args", "livenessProbe", "readinessProbe", "startupProbe"));
        writeEnvironment();
        removePortsOfSidecars();
        Nodes.object(postgres, "lifecycle").set("preStop", PreStopHook.handler());
        ObjectNode context = Nodes.object(postgres, "securityContext");
        context.put("runAsUser", findings.postgresUid());
        SecurityContext.restrict(context);
        writeMounts();
    }

    private void noteReplaced() {
        for (String field : List.of("command", "args")) {
            boolean ours = postgres.path(field).path(0).asText().equals(Layout.SUPERVISOR);
            noteIf(
                    Nodes.present(postgres, field) && !ours,
                    field + " " + postgres.path(field) + " of container "
                            + findings.container().name()
                            + " is replaced by the supervisor; settings belong into pgpod.yaml");
        }
        for (String field : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            noteIf(
                    Nodes.present(postgres, field),
                    field + " of container " + findings.container().name()
                            + " is removed: ha-agent watches Postgres, and wire-proxy's readiness is the pod's");
        }
        boolean foreignHook = Nodes.present(postgres.path("lifecycle"), "preStop")
                && !postgres.path("lifecycle").path("preStop").equals(PreStopHook.handler());
        noteIf(foreignHook && !injectedBefore, "lifecycle.preStop is replaced by a switchover");
        noteIf(
                Nodes.present(postgres.path("lifecycle"), "postStart"),
                "lifecycle.postStart is kept, but Postgres may not run yet when it does");
        noteIf(
                !findings.data().former().equals(Layout.DATA) && !injectedBefore,
                "PGDATA moves from " + findings.data().former() + " to " + Layout.DATA + " on the same volume");
        noteIf(
                findings.programs().debianMajor().isEmpty(),
                "extension-loader is left out: it needs an image with Debian's packages, and "
                        + findings.programs().directory() + " is not where those have the server");
        noteIf(
                PostgresImage.isAlpine(findings.container().image()),
                "image " + findings.container().image()
                        + " is built on Alpine: see that it has bash 5, coreutils and util-linux, which the supervisor"
                        + " needs");
    }

    private void writeEnvironment() {
        List<String> overriding = Nodes.objects(postgres, "env").stream()
                .map(Nodes::name)
                .filter(OVERRIDING::contains)
                .toList();
        noteIf(
                !overriding.isEmpty(),
                "env " + String.join(", ", overriding) + " of container "
                        + findings.container().name()
                        + " is removed: it would override what replication connects with");
        removeFrom(postgres, "env", variable -> OVERRIDING.contains(Nodes.name(variable)));
        setVariable("PGDATA", Layout.DATA);
        setVariable("PGPOD_RUN", Layout.RUN);
        setVariable("PGPOD_VOLUME", Layout.VOLUME_DIRECTORY);
        setVariable(PROGRAM_DIRECTORY, findings.programs().startDirectory());
        if (findings.programs().debianMajor().isPresent()) {
            addLibraryPath();
        }
    }

    /** The dynamic linker reads it when the server starts: libraries loaded later are found only if it is there then. */
    private void addLibraryPath() {
        String ours = ServerPrograms.treeLibraries();
        String present = Nodes.named(postgres, "env", LIBRARY_PATH)
                .flatMap(variable -> Nodes.text(variable, "value"))
                .orElse("");
        if (!List.of(present.split(":", -1)).contains(ours)) {
            setVariable(LIBRARY_PATH, present.isEmpty() ? ours : ours + ":" + present);
        }
    }

    private void setVariable(String name, String value) {
        ObjectNode variable = Nodes.named(postgres, "env", name)
                .orElseGet(() -> Nodes.array(postgres, "env").addObject().put("name", name));
        variable.put("value", value);
    }

    private void removePortsOfSidecars() {
        Set<Integer> taken = PodContainers.ports().map(Sidecar.Port::number).collect(Collectors.toSet());
        removeFrom(
                postgres,
                "ports",
                port -> taken.contains(port.path("containerPort").asInt()));
        if (!Nodes.present(postgres, "ports")) {
            postgres.remove("ports");
        }
    }

    private void writeMounts() {
        removeFrom(postgres, "volumeMounts", mount -> Nodes.name(mount).startsWith(Layout.VOLUME_PREFIX));
        ArrayNode mounts = Nodes.array(postgres, "volumeMounts");
        Sidecar.Mount data = findings.data().volume();
        if (!mounted(Layout.VOLUME_DIRECTORY)) {
            mounts.add(ContainerAssembly.mount(new Sidecar.Mount(
                    data.volume(), Layout.VOLUME_DIRECTORY, data.subPath(), Sidecar.Access.READ_WRITE)));
        }
        POSTGRES_MOUNTS.forEach(mount -> mounts.add(ContainerAssembly.mount(mount)));
        Sidecar.Mount temporary =
                ContainerAssembly.temporary(findings.container().name());
        if (!mounted(temporary.path())) {
            mounts.add(ContainerAssembly.mount(temporary));
        }
        if (!mounted("/dev/shm")) {
            mounts.add(ContainerAssembly.mount(Sidecar.Mount.readWrite(PodVolumes.SHARED_MEMORY, "/dev/shm")));
        }
    }

    private boolean mounted(String path) {
        return Nodes.objects(postgres, "volumeMounts").stream()
                .anyMatch(mount ->
                        DataDirectory.normal(mount.path("mountPath").asText()).equals(path));
    }

    private void writeSidecars(String image) {
        if (injectedBefore) {
            removeFrom(spec, "initContainers", container -> PodContainers.isName(Nodes.name(container)));
            removeFrom(spec, "containers", container -> PodContainers.isName(Nodes.name(container)));
        }
        var assembly = new ContainerAssembly(image, postgres, findings);
        for (Sidecar sidecar : PodContainers.of(findings.programs())) {
            ObjectNode container = assembly.container(sidecar);
            if (sidecar.equals(PodContainers.PREPARE) && !findings.data().isWherePgpodHasIt()) {
                Nodes.array(container, "command")
                        .add("--refuse-existing")
                        .add(Layout.VOLUME_DIRECTORY + "/" + findings.data().relative());
            }
            String list = sidecar.place() == Sidecar.Place.BESIDE ? "containers" : "initContainers";
            Nodes.array(spec, list).add(container);
        }
    }

    private void writeVolumes() {
        if (injectedBefore) {
            removeFrom(spec, "volumes", volume -> Nodes.name(volume).startsWith(Layout.VOLUME_PREFIX));
        }
        Nodes.named(spec, "volumes", findings.data().volume().volume())
                .filter(volume -> volume.has("emptyDir"))
                .ifPresent(volume -> notes.add("volume " + Nodes.name(volume)
                        + " with the data is an emptyDir: it ends with the pod, and the member starts as a new clone"));
        ArrayNode volumes = Nodes.array(spec, "volumes");
        PodVolumes.of(findings.cluster()).stream()
                .filter(volume -> !workload.hasClaimTemplate(Nodes.name(volume)))
                .forEach(volumes::add);
    }

    private static void removeFrom(ObjectNode parent, String array, Predicate<ObjectNode> unwanted) {
        if (parent.get(array) instanceof ArrayNode nodes) {
            nodes.removeIf(node -> node instanceof ObjectNode object && unwanted.test(object));
        }
    }

    private void noteIf(boolean condition, String note) {
        if (condition) {
            notes.add(note);
        }
    }
}
