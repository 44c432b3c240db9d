package org.pgpod.image.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.core.pod.LeaseToken;

/**
 * One pod: its directories, and its containers as processes. Restarts a container that ended, as the kubelet does, for as
 * long as the pod is meant to run.
 */
public final class LocalPod {
    /** How long a container that ended stays down before it is started again. */
    private static final Duration RESTART_DELAY = Duration.ofSeconds(1);

    private static final long STOP_SECONDS = 30;
    private static final String SUPERVISOR = "supervisor";
    private static final Pattern POSTMASTER = Pattern.compile(" pid=([1-9][0-9]*) ");

    private final int number;
    private final LocalLayout layout;
    private final LocalUsers users;
    private final Leftovers leftovers;
    private final PodConfiguration configuration;
    private final Map<String, LocalProcess> containers = new LinkedHashMap<>();
    private final Map<String, Long> endedAtNanos = new LinkedHashMap<>();
    private boolean wanted;

    LocalPod(int number, LocalLayout layout, LocalUsers users, Leftovers leftovers, PodConfiguration configuration) {
        this.number = number;
        this.layout = layout;
        this.users = users;
        this.leftovers = leftovers;
        this.configuration = configuration;
    }

    public String name() {
        return layout.podName(number);
    }

    public String address() {
        return layout.podAddress(number);
    }

    /** The directory that the pod's containers share in memory. */
    public Path runDirectory() {
        return layout.run(number);
    }

    /** Makes the directories that Kubernetes would mount, and the configuration file. */
    void prepare(LocalCertificates certificates) throws IOException, InterruptedException {
        Path pod = layout.pod(number);
        users.directory(pod, LocalUsers.Owner.ROOT, "755");
        users.directory(layout.run(number), LocalUsers.Owner.SIDECAR, "2770");
        users.directory(volume(), LocalUsers.Owner.SERVER, "2770");
        users.directory(logs(), LocalUsers.Owner.SIDECAR, "2770");
        users.directory(logs().resolve("sidecars"), LocalUsers.Owner.SIDECAR, "2770");
        users.directory(logs().resolve("postgres"), LocalUsers.Owner.SERVER, "2770");
        users.directory(extensions(), LocalUsers.Owner.SIDECAR, "755");
        users.directory(pod.resolve("output"), LocalUsers.Owner.ROOT, "755");
        certificates.issue(
                pod.resolve("tls-client"),
                LocalLayout.CLUSTER + "-rw",
                "DNS:localhost,DNS:" + LocalLayout.CLUSTER + "-rw,DNS:" + LocalLayout.CLUSTER + "-ro,IP:" + address());
        certificates.issue(pod.resolve("tls-peer"), name(), "DNS:" + name() + ",IP:" + address());
        Path file = pod.resolve("pgpod.yaml");
        Files.writeString(file, configuration.yaml(number));
        users.own(file, LocalUsers.Owner.ROOT, "644");
    }

    private Path volume() {
        return layout.pod(number).resolve("volume");
    }

    private Path logs() {
        return layout.pod(number).resolve("logs");
    }

    private Path extensions() {
        return layout.pod(number).resolve("extensions");
    }

    Path postgresLogs() {
        return logs().resolve("postgres");
    }

    Path sidecarLogs() {
        return logs().resolve("sidecars");
    }

    /** The mounted file that lists the wanted extensions. */
    Path desiredExtensions() {
        return layout.pod(number).resolve("extensions.txt");
    }

    /** Where the output of the pod's containers goes. */
    Path output() {
        return layout.pod(number).resolve("output");
    }

    /** Starts the containers in the order of the pod template: init container, native sidecars, Postgres, the others. */
    public void start() throws IOException, InterruptedException {
        // Memory-backed volumes of a new pod are empty.
        Commands.run(layout.memory(), List.of("find", layout.run(number).toString(), "-mindepth", "1", "-delete"));
        loadExtensionsOnce();
        for (String sidecar : List.of("ha-agent", "wire-proxy", "log-shipper")) {
            startContainer(sidecar);
        }
        for (String container : List.of(SUPERVISOR, "exporter", "extension-loader")) {
            startContainer(container);
        }
        wanted = true;
    }

    private void loadExtensionsOnce() throws IOException, InterruptedException {
        LocalProcess init = launch("extension-loader-init", users.sidecar(java("extension-loader", "--once")));
        while (init.alive()) {
            init.handle().onExit().join();
        }
    }

    private synchronized void startContainer(String name) throws IOException {
        List<String> command = name.equals(SUPERVISOR)
                ? users.server(List.of(layout.distribution()
                        .resolve("postgres")
                        .resolve("pgpod-supervisor")
                        .toString()))
                : users.sidecar(java(name));
        containers.put(name, launch(name, command));
        endedAtNanos.remove(name);
    }

    private LocalProcess launch(String name, List<String> command) throws IOException {
        Map<String, String> environment = new LinkedHashMap<>();
        if (name.equals(SUPERVISOR)) {
            Path tree = extensions().resolve("tree");
            environment.put("PGPOD_RUN", layout.run(number).toString());
            environment.put("PGPOD_VOLUME", volume().toString());
            environment.put(
                    "PGPOD_BINDIR", tree.resolve("lib/postgresql/15/bin").toString());
            environment.put("LD_LIBRARY_PATH", tree.resolve("lib").toString());
        } else {
            environment.put("MALLOC_ARENA_MAX", "1");
            if (name.equals("ha-agent") && Files.exists(layout.kubeconfig())) {
                environment.put("KUBECONFIG", layout.kubeconfig().toString());
            }
        }
        LocalProcess process = LocalProcess.start(
                name,
                layout.network().within(LocalLayout.host(number), command),
                environment,
                output().resolve(name + ".out"));
        leftovers.remember(process.handle());
        return process;
    }

    private List<String> java(String sidecar, String... options) {
        List<String> command = new ArrayList<>(layout.java(sidecar));
        command.addAll(List.of(
                "run",
                sidecar,
                "--config",
                layout.pod(number).resolve("pgpod.yaml").toString()));
        command.addAll(List.of(options));
        return command;
    }

    /** Starts again what ended a moment ago; called at a cadence. Returns the names of what was started again. */
    synchronized List<String> keep() throws IOException {
        List<String> restarted = new ArrayList<>();
        if (!wanted) {
            return restarted;
        }
        for (String name : List.copyOf(containers.keySet())) {
            if (java.util.Objects.requireNonNull(containers.get(name)).alive()) {
                continue;
            }
            long endedAt = endedAtNanos.computeIfAbsent(name, ended -> System.nanoTime());
            if (System.nanoTime() - endedAt >= RESTART_DELAY.toNanos()) {
                startContainer(name);
                restarted.add(name);
            }
        }
        return restarted;
    }

    /**
     * The loss of a node: SIGKILL to Postgres, its supervisor and every sidecar at once, and nothing is started again until
     * {@link #start}.
     */
    public synchronized void kill() {
        wanted = false;
        List<ProcessHandle> all = new ArrayList<>();
        for (LocalProcess container : containers.values()) {
            all.add(container.handle());
            container.handle().descendants().forEach(all::add);
        }
        all.forEach(ProcessHandle::destroyForcibly);
        for (LocalProcess container : containers.values()) {
            container.kill();
        }
        for (ProcessHandle process : all) {
            process.onExit().join();
        }
    }

    /** SIGKILL to the postmaster alone; everything else in the pod goes on. */
    public void killPostmaster() throws IOException {
        String state = Files.readString(layout.run(number).resolve("supervisor").resolve("state"));
        Matcher matcher = POSTMASTER.matcher(state);
        if (!matcher.find()) {
            throw new IOException("Postgres does not run in " + name() + ": " + state.strip());
        }
        long pid = Long.parseLong(matcher.group(1));
        ProcessHandle.of(pid)
                .orElseThrow(() -> new IOException("the postmaster of " + name() + " has gone"))
                .destroyForcibly();
    }

    /**
     * What the kubelet does with a pod that somebody deleted: the hook of the Postgres container to its end, then SIGTERM
     * to Postgres and the ordinary containers, and to the native sidecars last. Nothing is started again until
     * {@link #start}.
     *
     * @param preStop a shell script that finds the pod's shared directory where the layout has it
     */
    public void delete(String preStop) throws IOException, InterruptedException {
        synchronized (this) {
            wanted = false;
        }
        Commands.run(Path.of("/"), users.server(List.of("sh", "-c", preStop)));
        stop();
    }

    /** What the pod may do, as its agent last proved it; empty before the first proof. */
    public Optional<LeaseToken> token() throws IOException {
        Path file = layout.run(number).resolve("lease-token");
        return Files.exists(file) ? LeaseToken.parse(Files.readString(file)) : Optional.empty();
    }

    /** Ends the containers in order: Postgres first, native sidecars last, as Kubernetes does. */
    void stop() {
        List<LocalProcess> reversed;
        synchronized (this) {
            wanted = false;
            reversed = new ArrayList<>(containers.values()).reversed();
        }
        for (LocalProcess container : reversed) {
            container.stop(STOP_SECONDS);
        }
    }
}
