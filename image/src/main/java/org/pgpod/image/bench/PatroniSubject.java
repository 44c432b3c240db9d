package org.pgpod.image.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.function.Consumer;
import org.pgpod.image.local.Commands;
import org.pgpod.image.local.Leftovers;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.LocalProcess;
import org.pgpod.image.local.LocalUsers;
import org.pgpod.image.local.PodNetwork;
import org.pgpod.image.local.Waiting;

/** Three members of Debian's Patroni on one etcd, reached without TLS and without a proxy. */
final class PatroniSubject implements Subject {
    static final String NAME = "bench-patroni";

    private static final String PASSWORD = "bench";
    private static final int ETCD_PORT = 2379;
    private static final int ETCD_PEER_PORT = 2380;
    private static final long STOP_SECONDS = 10;
    private static final Duration REST_LIMIT = Duration.ofSeconds(3);
    private static final Duration SWITCHOVER_LIMIT = Duration.ofSeconds(90);

    private final LocalLayout layout;
    private final PatroniSettings settings;
    private final PatroniPrograms programs;
    private final LocalUsers users = new LocalUsers();
    private final Leftovers leftovers;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(REST_LIMIT)
            .build();
    private final List<PatroniMember> members = new ArrayList<>();
    private Optional<LocalProcess> etcd = Optional.empty();
    private String name = "patroni";

    private PatroniSubject(LocalLayout layout, PatroniSettings settings, PatroniPrograms programs) {
        this.layout = layout;
        this.settings = settings;
        this.programs = programs;
        this.leftovers = new Leftovers(layout.processes());
    }

    static PatroniSubject start(PodNetwork network, PatroniSettings settings, Consumer<String> progress)
            throws IOException, InterruptedException {
        LocalLayout layout = LocalLayout.named(NAME, network);
        progress.accept("Patroni (" + settings.name() + ") and etcd from Debian's packages");
        PatroniPrograms programs = PatroniPrograms.unpacked(layout.state().resolveSibling("programs"));
        PatroniSubject subject = new PatroniSubject(layout, settings, programs);
        try {
            subject.startAll();
            return subject;
        } catch (IOException | InterruptedException | RuntimeException failure) {
            subject.close();
            throw failure;
        }
    }

    private void startAll() throws IOException, InterruptedException {
        clean();
        users.directory(layout.state(), LocalUsers.Owner.ROOT, "755");
        users.directory(layout.memory(), LocalUsers.Owner.ROOT, "755");
        name = programs.version();
        startEtcd();
        for (int number = 0; number < LocalLayout.PODS; number++) {
            PatroniMember member = new PatroniMember(number, layout.state(), layout.network(), programs, leftovers);
            members.add(member);
            member.prepare(settings, etcdAddress() + ":" + ETCD_PORT, PASSWORD);
            member.start();
        }
    }

    private String etcdAddress() {
        return layout.network().address(LocalLayout.KUBERNETES_HOST);
    }

    /** In memory, as the Kubernetes API of the other subject is. */
    private void startEtcd() throws IOException, InterruptedException {
        Path data = users.directory(layout.memory().resolve("etcd"), LocalUsers.Owner.SIDECAR, "700");
        String clients = "http://" + etcdAddress() + ":" + ETCD_PORT;
        String peers = "http://" + etcdAddress() + ":" + ETCD_PEER_PORT;
        List<String> command = List.of(
                programs.etcd(),
                "--data-dir=" + data,
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers);
        Path output = layout.state().resolve("etcd.out");
        LocalProcess process = LocalProcess.start(
                "etcd",
                layout.network().within(LocalLayout.KUBERNETES_HOST, users.sidecar(command)),
                programs.environment(),
                output);
        etcd = Optional.of(process);
        leftovers.remember(process.handle());
        Waiting.until("etcd answers", Waiting.STARTUP_LIMIT, () -> {
            if (!process.alive()) {
                throw new IOException("etcd did not start; see " + output);
            }
            return get(clients + "/health")
                    .filter(answer -> answer.statusCode() == 200)
                    .isPresent();
        });
    }

    private Optional<HttpResponse<String>> get(String url) throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url)).timeout(REST_LIMIT).build();
            return Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    private static String rest(PatroniMember member, String path) {
        return "http://" + member.address() + ":" + PatroniMember.REST_PORT + path;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean formed() throws IOException, InterruptedException {
        for (PatroniMember member : members) {
            if (!member.alive()) {
                throw new IOException(member.name() + " has ended; see " + member.output());
            }
        }
        try (Connection connection = route().open();
                var statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")) {
            row.next();
            boolean formed = row.getInt(1) == members.size() - 1 && primary().isPresent();
            if (formed) {
                for (PatroniMember member : members) {
                    member.rememberPostmaster();
                }
            }
            return formed;
        } catch (SQLException notYet) {
            return false;
        }
    }

    @Override
    public Optional<Integer> primary() throws InterruptedException {
        List<Integer> primaries = new ArrayList<>();
        for (int number = 0; number < members.size(); number++) {
            if (get(rest(members.get(number), "/primary"))
                    .filter(answer -> answer.statusCode() == 200)
                    .isPresent()) {
                primaries.add(number);
            }
        }
        return primaries.size() == 1 ? Optional.of(primaries.getFirst()) : Optional.empty();
    }

    /** The timeline: Patroni makes a new one with every promotion. */
    @Override
    public long term() throws InterruptedException {
        long term = 0;
        for (PatroniMember member : members) {
            Optional<HttpResponse<String>> answer = get(rest(member, "/patroni"));
            if (answer.isPresent()) {
                term = Math.max(term, timeline(answer.get().body()));
            }
        }
        return term;
    }

    private static long timeline(String json) {
        try {
            JsonNode said = new ObjectMapper().readTree(json);
            return said.path("timeline").asLong();
        } catch (IOException unreadable) {
            return 0;
        }
    }

    @Override
    public void kill(int member) throws IOException {
        members.get(member).kill();
    }

    @Override
    public void killPostmaster(int member) throws IOException {
        members.get(member).killPostmaster();
    }

    @Override
    public void delete(int member) throws IOException {
        members.get(member).stop();
    }

    @Override
    public void start(int member) throws IOException {
        members.get(member).start();
    }

    @Override
    public void switchover(int from) throws IOException, InterruptedException {
        PatroniMember member = members.get(from);
        HttpRequest request = HttpRequest.newBuilder(URI.create(rest(member, "/switchover")))
                .timeout(SWITCHOVER_LIMIT)
                .POST(HttpRequest.BodyPublishers.ofString("{\"leader\": \"" + member.name() + "\"}"))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("switchover answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    @Override
    public Load.Route route() {
        return route(members.stream().map(PatroniMember::address).toList(), "primary");
    }

    @Override
    public Load.Route route(int member) {
        return route(List.of(members.get(member).address()), "any");
    }

    private static Load.Route route(List<String> addresses, String wanted) {
        String url = HostList.url(addresses);
        Properties properties = HostList.properties(wanted);
        properties.setProperty("password", PASSWORD);
        return () -> DriverManager.getConnection(url, properties);
    }

    /** The latest moment at which etcd can let the leader's key expire. */
    @Override
    public OptionalLong writeRightEndsNanos(int member, long cutNanos) {
        return OptionalLong.of(cutNanos + Duration.ofSeconds(settings.ttl()).toNanos());
    }

    private void clean() throws IOException, InterruptedException {
        leftovers.end();
        Commands.run(
                Path.of("/"),
                List.of(
                        "rm",
                        "-rf",
                        "--",
                        layout.state().toString(),
                        layout.memory().toString()));
    }

    @Override
    public void close() {
        // An interrupted thread could not wait for what is being ended.
        boolean interrupted = Thread.interrupted();
        try {
            for (PatroniMember member : members) {
                member.stop();
            }
            etcd.ifPresent(process -> process.stop(STOP_SECONDS));
            http.close();
            clean();
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        } catch (InterruptedException again) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
