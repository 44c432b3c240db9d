package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.ctl.ControlClient;
import org.pgpod.haagent.ctl.QueryWish;
import org.pgpod.haagent.ctl.RestartWish;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** What operators do with a cluster, on three whole pods: configuration, requests over REST, the command line. */
@Tag("long")
class ConfigurationClusterTest {
    private static final RestartWish PENDING =
            new RestartWish(Optional.empty(), Optional.empty(), true, Optional.empty(), Optional.empty());

    private static TestCluster cluster = new TestCluster("normal");

    @BeforeAll
    static void start() {
        cluster.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private TestPod primary = cluster.pods().getFirst();
    private final StringWriter told = new StringWriter();

    @BeforeEach
    void clusterIsWhole() {
        primary = cluster.awaitWhole();
    }

    private List<TestPod> standbys() {
        return cluster.pods().stream().filter(pod -> pod != primary).toList();
    }

    private ControlClient client(Optional<ControlClient.Document> form) {
        return new ControlClient(
                standbys().getFirst().url(), Optional.of(primary.tokenFile()), new PrintWriter(told), form);
    }

    private static String shown(TestPod pod, String parameter) {
        try (Connection connection = pod.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show " + parameter)) {
            row.next();
            return row.getString(1);
        } catch (SQLException notNow) {
            return "";
        }
    }

    private void awaitShown(TestPod pod, String parameter, String value) {
        cluster.await(
                pod.name() + " runs with " + parameter + " = " + value,
                () -> shown(pod, parameter).equals(value));
    }

    private static boolean pending(TestPod pod, String name) throws IOException {
        return pod.get("/patroni").path("pending_restart_reason").has(name);
    }

    @Test
    void nothingIsChangedWithoutTheToken() throws Exception {
        assertThat(primary.ask("POST", "/restart", "{}", "wrong").statusCode()).isEqualTo(401);
        assertThat(primary.ask("DELETE", "/switchover", "", "").statusCode()).isEqualTo(401);
        assertThat(primary.status("/config")).isEqualTo(200);
        Path file = primary.tokenFile();
        String token = Files.readString(file);
        Files.delete(file);
        try {
            HttpResponse<String> answer = primary.ask("PATCH", "/config", "{\"hold_timeout\": 20}");
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("pgpod_rest is missing");
            Files.writeString(file, "another one\n");
            assertThat(primary.ask("DELETE", "/restart", "", "another one").statusCode())
                    .isEqualTo(404);
            assertThat(primary.ask("DELETE", "/restart", "").statusCode()).isEqualTo(401);
        } finally {
            Files.writeString(file, token);
        }
    }

    @Test
    void aReloadableParameterCountsEverywhereAtOnceAndAWrongOneNowhere() throws Exception {
        HttpResponse<String> answer = standbys()
                .getFirst()
                .ask("PATCH", "/config", "{\"postgresql\": {\"parameters\": {\"work_mem\": \"7MB\"}}}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        for (TestPod pod : cluster.pods()) {
            awaitShown(pod, "work_mem", "7MB");
        }
        HttpResponse<String> wrong =
                primary.ask("PATCH", "/config", "{\"postgresql\": {\"parameters\": {\"work_mem\": \"1B\"}}}");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("work_mem is '1B'; it must be a whole number of kB");
        // What people write past the agents is refused as well, and said.
        cluster.edit("config", "postgresql: {parameters: {work_mem: 8MB, wrok_mem: 9MB}}");
        for (TestPod pod : cluster.pods()) {
            cluster.await(
                    "the mistake is told by " + pod.name(),
                    () -> pod.get("/status")
                            .path("configuration")
                            .path("problems")
                            .toString()
                            .contains("no parameter wrok_mem"));
            assertThat(shown(pod, "work_mem")).isEqualTo("7MB");
        }
        assertThat(primary.text("/metrics"))
                .contains("pgpod_ha_configuration_refused{")
                .contains("patroni_primary{");
        cluster.edit("config", "postgresql: {parameters: {work_mem: 8MB}}");
        awaitShown(primary, "work_mem", "8MB");
        cluster.await("the good one is kept", () -> cluster.entry("accepted").contains("8MB"));
    }

    @Test
    void whatStandbysDependOnIsRaisedThereFirstAndCutOnThePrimaryFirst() throws Exception {
        ControlClient client = client(Optional.empty());
        assertThat(client.editConfig(Map.of(), Map.of("max_connections", "120")))
                .as(told.toString())
                .isEqualTo(ControlClient.DONE);
        for (TestPod standby : standbys()) {
            cluster.await("it is pending on " + standby.name(), () -> pending(standby, "max_connections"));
        }
        assertThat(pending(primary, "max_connections")).isFalse();
        cluster.await(
                "the primary says what it waits for",
                () -> primary.get("/status")
                        .path("heldBackChanges")
                        .path("max_connections")
                        .path("to")
                        .asText()
                        .equals("120"));
        assertThat(client.restart(List.of(), PENDING)).as(told.toString()).isEqualTo(ControlClient.DONE);
        for (TestPod pod : cluster.pods()) {
            awaitShown(pod, "max_connections", "120");
        }
        cluster.awaitWhole();
        assertThat(client.editConfig(Map.of(), Map.of("max_connections", "90"))).isEqualTo(ControlClient.DONE);
        cluster.await("it is pending on the primary", () -> pending(primary, "max_connections"));
        for (TestPod standby : standbys()) {
            assertThat(pending(standby, "max_connections")).isFalse();
            assertThat(standby.post("/restart", "{}").statusCode()).isEqualTo(200);
            awaitShown(standby, "max_connections", "120");
        }
        assertThat(client.restart(List.of(), PENDING)).as(told.toString()).isEqualTo(ControlClient.DONE);
        for (TestPod pod : cluster.pods()) {
            awaitShown(pod, "max_connections", "90");
        }
        assertThat(client.editConfig(Map.of(), Map.of("max_connections", "null")))
                .isEqualTo(ControlClient.DONE);
        assertThat(client.restart(List.of(), PENDING)).as(told.toString()).isEqualTo(ControlClient.DONE);
        for (TestPod pod : cluster.pods()) {
            awaitShown(pod, "max_connections", "100");
        }
    }

    @Test
    void aPlannedSwitchoverIsCarriedOutAtItsTimeByWhoeverIsAsked() throws Exception {
        TestPod standby = standbys().getFirst();
        assertThat(standby.post("/switchover", "{\"scheduled_at\": \"tomorrow\"}")
                        .statusCode())
                .isEqualTo(422);
        assertThat(standby.post("/switchover", "{\"scheduled_at\": \"2020-01-01T00:00:00Z\"}")
                        .statusCode())
                .isEqualTo(422);
        assertThat(standby.post("/failover", "{}").statusCode()).isEqualTo(400);
        assertThat(standby.post("/failover", "{\"candidate\": \"nobody\"}").statusCode())
                .isEqualTo(412);
        assertThat(standby.ask("DELETE", "/switchover", "").statusCode()).isEqualTo(404);
        String later = "{\"scheduled_at\": \"" + Instant.now().plusSeconds(600) + "\"}";
        assertThat(standby.post("/switchover", later).statusCode()).isEqualTo(202);
        cluster.await("the plan is shown", () -> standby.get("/cluster").has("scheduled_switchover"));
        assertThat(standby.ask("DELETE", "/switchover", "").statusCode()).isEqualTo(200);
        HttpResponse<String> planned = standby.post(
                "/switchover",
                "{\"candidate\": \"" + standby.name() + "\", \"scheduled_at\": \""
                        + Instant.now().plusSeconds(4) + "\"}");
        assertThat(planned.statusCode()).as(planned.body()).isEqualTo(202);
        cluster.await("the candidate is the primary", standby::isPrimary);
        assertThat(cluster.awaitWhole()).isEqualTo(standby);
        cluster.await("the history says so", () -> {
            JsonNode history = standby.get("/history");
            return !history.isEmpty()
                    && history.path(history.size() - 1).path(4).asText().equals(standby.name());
        });
    }

    @Test
    void restartsKeepToTheirConditions() throws Exception {
        TestPod standby = standbys().getFirst();
        for (String unmet :
                List.of("{\"role\": \"primary\"}", "{\"restart_pending\": true}", "{\"postgres_version\": \"13.1\"}")) {
            assertThat(standby.post("/restart", unmet).statusCode()).as(unmet).isEqualTo(503);
        }
        for (String wrong : List.of(
                "{\"role\": \"king\"}",
                "{\"timeout\": -1}",
                "{\"postgres_version\": \"new\"}",
                "{\"schedule\": \"2030-01-01T00:00:00\"}",
                "{\"colour\": \"red\"}")) {
            assertThat(standby.post("/restart", wrong).statusCode()).as(wrong).isEqualTo(400);
        }
        for (String wrong : List.of("{\"schedule\": \"soon\"}", "{\"schedule\": \"2020-01-01T00:00:00Z\"}")) {
            assertThat(standby.post("/restart", wrong).statusCode()).as(wrong).isEqualTo(422);
        }
        assertThat(standby.post("/restart", "{\"role\": \"replica\", \"timeout\": \"60s\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(standby.post("/reload", "{}").statusCode()).isEqualTo(202);
        assertThat(standby.status("/replica?tag_colour=red")).isEqualTo(503);
        cluster.await("it streams again", () -> standby.status("/readiness?lag=16MB&mode=write") == 200);
        assertThat(standby.status("/readiness?mode=slow")).isEqualTo(400);
        assertThat(standby.status("/async")).isEqualTo(200);
        assertThat(standby.status("/sync")).isEqualTo(503);
        assertThat(primary.status("/read-only-sync")).isEqualTo(200);
    }

    @Test
    void theCommandLineSpeaksToPeopleAndPrograms() throws Exception {
        ControlClient people = client(Optional.empty());
        assertThat(people.topology()).isEqualTo(ControlClient.DONE);
        assertThat(told.toString()).contains("| + " + standbys().getFirst().name());
        assertThat(people.version()).isEqualTo(ControlClient.DONE);
        assertThat(told.toString()).contains("| 15.");
        assertThat(people.dsn(Optional.empty())).isEqualTo(ControlClient.DONE);
        assertThat(told.toString()).contains(" port=5433");
        Path password = primary.tokenFile().resolveSibling("postgres");
        QueryWish wish = new QueryWish(
                "select 1 as one, 'x' as letter",
                Optional.empty(),
                "replica",
                "postgres",
                "postgres",
                Optional.of(password),
                "disable",
                Optional.empty());
        assertThat(people.query(wish)).as(told.toString()).isEqualTo(ControlClient.DONE);
        assertThat(told.toString()).contains("| one | letter |").contains("| 1   | x      |");
        told.getBuffer().setLength(0);
        ControlClient programs = client(Optional.of(ControlClient.Document.JSON));
        assertThat(programs.list()).isEqualTo(ControlClient.DONE);
        assertThat(new com.fasterxml.jackson.databind.ObjectMapper()
                        .readTree(told.toString())
                        .path("members"))
                .hasSize(3);
        ControlClient stranger =
                new ControlClient(primary.url(), Optional.empty(), new PrintWriter(told), Optional.empty());
        assertThat(stranger.pause()).isEqualTo(ControlClient.FAILED);
        assertThat(told.toString()).contains("Error: the header 'Authorization: Bearer TOKEN' is missing");
        assertThat(people.pause()).as(told.toString()).isEqualTo(ControlClient.DONE);
        assertThat(primary.get("/config").path("pause").asBoolean()).isTrue();
        assertThat(people.resume()).as(told.toString()).isEqualTo(ControlClient.DONE);
    }
}
