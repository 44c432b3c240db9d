package org.pgpod.image.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Three pods, a Kubernetes API and a log store on this machine. {@link #start} ends what an earlier, crashed run left
 * behind; {@link #close} ends everything and removes its files.
 */
public final class LocalCluster implements AutoCloseable {
    /** The token of those who may change something over REST. */
    static final String REST_TOKEN = "pgpod_rest";

    /** The roles whose passwords, and the tokens that, are mounted into the pods. */
    private static final List<String> CREDENTIALS = List.of(
            "postgres",
            "pgpod_agent",
            "pgpod_replication",
            "pgpod_rewind",
            "pgpod_exporter",
            "pgpod_proxy",
            "pgpod_loader",
            LogStore.ROLE,
            "app",
            REST_TOKEN);

    private static final Duration FORMATION_LIMIT = Duration.ofMinutes(2);
    private static final long KEEP_MILLIS = 500;
    private static final int PASSWORD_BYTES = 18;

    private final LocalLayout layout;
    private final LocalUsers users = new LocalUsers();
    private final Leftovers leftovers;
    private final Consumer<String> progress;
    private final AgentStatus status = new AgentStatus();
    private final List<LocalPod> pods = new ArrayList<>();
    private Optional<LocalKubernetes> kubernetes = Optional.empty();
    private Optional<LogStore> logStore = Optional.empty();
    private volatile boolean closed;
    private volatile boolean keepFiles;

    private LocalCluster(LocalLayout layout, Consumer<String> progress) {
        this.layout = layout;
        this.progress = progress;
        this.leftovers = new Leftovers(layout.processes());
    }

    /** Starts everything; says what it does. The cluster is not formed yet: see {@link #awaitFormed}. */
    public static LocalCluster start(LocalLayout layout, String preset, Consumer<String> progress)
            throws IOException, InterruptedException {
        return start(layout, preset, Optional.empty(), Duration.ZERO, progress);
    }

    /** The same with an embedded API whose answers arrive late by {@code apiDelay}. */
    public static LocalCluster start(LocalLayout layout, String preset, Duration apiDelay, Consumer<String> progress)
            throws IOException, InterruptedException {
        return start(layout, preset, Optional.empty(), apiDelay, progress);
    }

    /** The same with the Kubernetes API of a kubeconfig instead of the embedded one. */
    static LocalCluster start(LocalLayout layout, String preset, Optional<Path> kubeconfig, Consumer<String> progress)
            throws IOException, InterruptedException {
        return start(layout, preset, kubeconfig, Duration.ZERO, progress);
    }

    private static LocalCluster start(
            LocalLayout layout, String preset, Optional<Path> kubeconfig, Duration apiDelay, Consumer<String> progress)
            throws IOException, InterruptedException {
        LocalCluster cluster = new LocalCluster(layout, progress);
        try {
            cluster.startAll(preset, kubeconfig, apiDelay);
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException failure) {
            cluster.close();
            throw failure;
        }
    }

    private void startAll(String preset, Optional<Path> kubeconfig, Duration apiDelay)
            throws IOException, InterruptedException {
        clean();
        Ports.requireFree(layout);
        users.directory(layout.state(), LocalUsers.Owner.ROOT, "755");
        users.directory(layout.memory(), LocalUsers.Owner.ROOT, "755");
        progress.accept("certificates and credentials");
        LocalCertificates certificates = LocalCertificates.authority(layout.authority(), users);
        makeCredentials();
        kubernetes = Optional.of(
                kubeconfig.isPresent() ? foreignKubernetes(kubeconfig.get()) : embeddedKubernetes(apiDelay));
        progress.accept("log store on " + layout.logStoreAddress() + ":" + LogStore.PORT);
        logStore = Optional.of(LogStore.start(layout, users, leftovers));
        PodConfiguration configuration =
                new PodConfiguration(layout, preset, kubernetes().plainUrl());
        for (int number = 0; number < LocalLayout.PODS; number++) {
            LocalPod pod = new LocalPod(number, layout, users, leftovers, configuration);
            pods.add(pod);
            pod.prepare(certificates);
            progress.accept("pod " + pod.name() + " on " + pod.address());
            pod.start();
        }
        Thread.ofPlatform().daemon().name("kubelet").start(this::keepPods);
    }

    private LocalKubernetes embeddedKubernetes(Duration delay) throws IOException, InterruptedException {
        progress.accept("Kubernetes API on " + LocalKubernetes.url(layout));
        return LocalKubernetes.embedded(layout, users, leftovers, delay);
    }

    private LocalKubernetes foreignKubernetes(Path kubeconfig) throws IOException {
        if (!Files.isReadable(kubeconfig)) {
            throw new IOException("the kubeconfig " + kubeconfig + " is missing or cannot be read");
        }
        progress.accept("Kubernetes API of " + kubeconfig);
        Path copy = Files.writeString(layout.kubeconfig(), Files.readString(kubeconfig));
        users.own(copy, LocalUsers.Owner.ROOT, "640");
        return LocalKubernetes.of(copy, layout);
    }

    /** Removes what an earlier run left: its processes, then its files. */
    private void clean() throws IOException, InterruptedException {
        int ended = leftovers.end();
        if (ended > 0) {
            progress.accept("ended " + ended + " processes that an earlier run had left behind");
        }
        for (Path directory : List.of(layout.state(), layout.memory())) {
            if (Files.exists(directory)) {
                Commands.run(Path.of("/"), List.of("rm", "-rf", "--", directory.toString()));
            }
        }
    }

    private void makeCredentials() throws IOException {
        users.directory(layout.credentials(), LocalUsers.Owner.ROOT, "755");
        SecureRandom random = new SecureRandom();
        byte[] bytes = new byte[PASSWORD_BYTES];
        for (String role : CREDENTIALS) {
            random.nextBytes(bytes);
            Path file = Files.createFile(layout.credentials().resolve(role));
            users.own(file, LocalUsers.Owner.ROOT, "640");
            Files.writeString(file, HexFormat.of().formatHex(bytes) + "\n");
        }
    }

    private void keepPods() {
        while (!closed) {
            for (LocalPod pod : List.copyOf(pods)) {
                try {
                    for (String container : pod.keep()) {
                        progress.accept("restarted " + container + " of " + pod.name() + ", which had ended");
                    }
                } catch (IOException cannotStart) {
                    progress.accept("cannot restart in " + pod.name() + ": " + cannotStart.getMessage());
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(KEEP_MILLIS);
            } catch (InterruptedException end) {
                return;
            }
        }
    }

    /** Whether the files stay when the cluster is closed; the next start removes them. */
    void keepFiles(boolean keep) {
        keepFiles = keep;
    }

    public List<LocalPod> pods() {
        return List.copyOf(pods);
    }

    public LocalLayout layout() {
        return layout;
    }

    public LocalUsers users() {
        return users;
    }

    public Leftovers leftovers() {
        return leftovers;
    }

    AgentStatus status() {
        return status;
    }

    LocalKubernetes kubernetes() {
        return kubernetes.orElseThrow();
    }

    LogStore logStore() {
        return logStore.orElseThrow();
    }

    public String password(String role) throws IOException {
        return Files.readString(layout.credentials().resolve(role)).strip();
    }

    /** Waits until one pod is a primary that takes writes and all others stream from it. */
    public void awaitFormed() throws IOException, InterruptedException {
        Waiting.until("one primary and every other pod streaming from it", FORMATION_LIMIT, this::formed);
    }

    public boolean formed() throws InterruptedException {
        Optional<LocalPod> primary = primary();
        if (primary.isEmpty()) {
            return false;
        }
        int streaming = 0;
        for (LocalPod pod : pods) {
            Optional<JsonNode> said = status.of(pod.address());
            if (said.isPresent() && said.get().path("state").asText().equals("streaming")) {
                streaming++;
            }
        }
        return streaming == pods.size() - 1;
    }

    /** The pod that says of itself that it is the primary and takes clients; empty if none or more than one does. */
    public Optional<LocalPod> primary() throws InterruptedException {
        List<LocalPod> primaries = new ArrayList<>();
        for (LocalPod pod : pods) {
            Optional<JsonNode> said = status.of(pod.address());
            if (said.isPresent()
                    && said.get().path("role").asText().equals("primary")
                    && said.get().path("phase").asText().equals("primary")) {
                primaries.add(pod);
            }
        }
        return primaries.size() == 1 ? Optional.of(primaries.getFirst()) : Optional.empty();
    }

    /** Hands the primary over to another pod as planned, and returns when it is done or refused. */
    public void switchover(LocalPod from) throws IOException, InterruptedException {
        HttpResponse<String> response = status.post(
                "http://" + from.address() + ":" + AgentStatus.AGENT_PORT + "/switchover",
                password(REST_TOKEN),
                "{\"leader\":\"" + from.name() + "\"}");
        if (response.statusCode() / 100 != 2) {
            throw new IOException("switchover answered " + response.statusCode() + ": " + response.body());
        }
    }

    /** The highest term of leadership that any pod knows of. */
    public long epoch() throws InterruptedException {
        long epoch = 0;
        for (LocalPod pod : pods) {
            epoch = Math.max(
                    epoch,
                    status.of(pod.address())
                            .map(said -> said.path("epoch").asLong())
                            .orElse(0L));
        }
        return epoch;
    }

    @Override
    public void close() {
        closed = true;
        try {
            for (LocalPod pod : pods) {
                pod.stop();
            }
            if (logStore.isPresent()) {
                logStore.get().stop();
            }
            kubernetes.ifPresent(LocalKubernetes::close);
            status.close();
            if (!keepFiles) {
                clean();
            }
        } catch (IOException failed) {
            progress.accept("not everything was removed: " + failed.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
