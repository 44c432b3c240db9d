package org.pgpod.image.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.image.local.LocalCluster;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.LocalUsers;
import org.pgpod.image.local.NamespaceNetwork;
import org.pgpod.image.local.Waiting;

/**
 * Three whole pods in network namespaces, with their proxies. The primary is cut off from the API and from the others in
 * silence, while clients that know its address still reach it; what they were told is compared with what is there afterwards.
 */
@Tag("long")
class PartitionTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int ROWS = 500;
    private static final int AGENT_PORT = 8008;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Path BASE = Unprivileged.directory("cut");
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static Optional<NamespaceNetwork> network = Optional.empty();
    private static Optional<LocalCluster> started = Optional.empty();

    @BeforeAll
    static void start() throws Exception {
        assumeThat(new LocalUsers().apart())
                .as("root, who may make network namespaces")
                .isTrue();
        NamespaceNetwork pods = NamespaceNetwork.ofPods();
        network = Optional.of(pods);
        Path memory = Path.of("/dev/shm").resolve(BASE.getFileName());
        LocalLayout layout =
                new LocalLayout(BASE.resolve("state"), memory, BuiltPrograms.in(BASE.resolve("programs")), pods);
        started = Optional.of(LocalCluster.start(layout, "fast", System.out::println));
        started.get().awaitFormed();
    }

    @AfterAll
    static void stop() throws Exception {
        HTTP.close();
        started.ifPresent(LocalCluster::close);
        if (network.isPresent()) {
            network.get().remove();
        }
        Unprivileged.delete(BASE);
    }

    private static LocalCluster cluster() {
        return started.orElseThrow();
    }

    private static JsonNode ask(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static int voters(int member) throws IOException, InterruptedException {
        return ask(at(member, "/status")).path("synchronous").path("voters").size();
    }

    private static HttpRequest.Builder at(int member, String path) {
        String address = cluster().pods().get(member).address();
        return HttpRequest.newBuilder(URI.create("http://" + address + ":" + AGENT_PORT + path));
    }

    /** The number of the primary, once it has as many voters as the mode asks for. */
    private static int primaryWith(Subject subject, String mode, int voters) throws Exception {
        Waiting.until("one primary and two standbys", LIMIT, subject::formed);
        int primary = subject.primary().orElseThrow();
        String wanted = "{\"synchronous_mode\":\"" + mode + "\"}";
        ask(at(primary, "/config")
                .header("Authorization", "Bearer " + cluster().password("pgpod_rest"))
                .method("PATCH", HttpRequest.BodyPublishers.ofString(wanted)));
        Waiting.until(voters + " voters", LIMIT, () -> voters(primary) == voters);
        return primary;
    }

    @Test
    void ofWhatSynchronousClientsWereToldNothingIsLost() throws Exception {
        PgpodSubject subject = new PgpodSubject(cluster());
        int primary = primaryWith(subject, "quorum", 2);
        try (Load load = new Load(subject.route(), "history", 4);
                Load isolated = new Load(subject.route(primary), "isolated", 2)) {
            load.prepare();
            isolated.prepare();
            load.start();
            isolated.start();
            try (Reads read = Reads.of(subject.route(primary), "isolated");
                    Reads readByAll = Reads.of(subject.route(), "history")) {
                load.awaitRows(ROWS, LIMIT);
                isolated.awaitRows(ROWS, LIMIT);
                cutOff(subject, primary, isolated);
                load.awaitRows(ROWS, LIMIT);
                heal(subject, primary);

                assertThat(load.lost())
                        .as("acknowledged to whoever knows all addresses")
                        .isZero();
                assertThat(read.count()).isGreaterThan(ROWS);
                assertThat(read.missing(subject.route()))
                        .as("read where it was cut off")
                        .isZero();
                assertThat(readByAll.count()).isGreaterThan(ROWS);
                assertThat(readByAll.missing(subject.route())).as("read by all").isZero();
            }
            Load.Route anybody = subject.route();
            assertThat(isolated.lost(anybody))
                    .as("acknowledged where it was cut off")
                    .isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void asynchronousClientsAreToldNothingAfterTheTerm(int round) throws Exception {
        PgpodSubject subject = new PgpodSubject(cluster());
        int primary = primaryWith(subject, "off", 0);
        try (Load load = new Load(subject.route(), "others" + round, 2);
                Load isolated = new Load(subject.route(primary), "alone" + round, 2)) {
            load.prepare();
            isolated.prepare();
            load.start();
            isolated.start();
            isolated.awaitRows(ROWS, LIMIT);
            cutOff(subject, primary, isolated);
            load.awaitRows(ROWS, LIMIT);
            heal(subject, primary);
        }
    }

    /** Cuts the primary off, waits for the next one, and watches what the old one still says. */
    private static void cutOff(Subject subject, int primary, Load isolated) throws Exception {
        network.orElseThrow().cut(LocalLayout.host(primary));
        long cut = System.nanoTime();
        long ends = FailoverRound.awaitEndOfWriteRight(subject, primary, cut);
        Waiting.until(
                "another primary",
                LIMIT,
                () -> subject.primary().filter(now -> now != primary).isPresent());
        Waiting.until(
                "the isolated one is watched", LIMIT, () -> System.nanoTime() - ends > FailoverRound.WATCH.toNanos());
        assertThat(isolated.rowsAfter(ends + FailoverRound.TRANSIT.toNanos()))
                .as("acknowledged after the term")
                .isZero();
    }

    private static void heal(Subject subject, int primary) throws Exception {
        network.orElseThrow().heal(LocalLayout.host(primary));
        Waiting.until("every standby streams again", LIMIT, subject::formed);
    }
}
