package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.haagent.client.AgentHttp;
import org.pgpod.haagent.client.AgentTls;
import org.pgpod.haagent.ctl.ControlClient;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** Three whole pods whose agents serve REST over TLS, admit people by certificate, and have hooks. */
class RestSecurityClusterTest {
    private static final int TLS_PORT = 8443;
    private static final String NAME = "demo-pods.default.svc";
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Path BASE = Unprivileged.directory("rest-security");

    private static TestCluster cluster = new TestCluster("normal", options());

    private static List<String> options() {
        try {
            TestCertificates agents = TestCertificates.authority(Files.createDirectories(BASE.resolve("agents-ca")));
            TestCertificates people = TestCertificates.authority(Files.createDirectories(BASE.resolve("people-ca")));
            agents.issue(BASE.resolve("agents"), "agents", "DNS:" + NAME);
            people.issue(BASE.resolve("person"), "person", "DNS:person");
            Files.copy(
                    agents.authorityCertificate(),
                    BASE.resolve("person").resolve("..data").resolve("ca.crt"),
                    StandardCopyOption.REPLACE_EXISTING);
            Files.createDirectories(BASE.resolve("nobody"));
            Files.copy(agents.authorityCertificate(), BASE.resolve("nobody").resolve("ca.crt"));
            Files.writeString(BASE.resolve("promoted.sql"), """
                    create table if not exists promoted (at timestamptz);
                    insert into promoted values (now());
                    """);
            Files.writeString(BASE.resolve("hooks.yaml"), hooks());
            return List.of(
                    "restTlsPort: " + TLS_PORT,
                    "restCertificateDirectory: " + BASE.resolve("agents"),
                    "restClientCa: " + people.authorityCertificate(),
                    "hooksFile: " + BASE.resolve("hooks.yaml"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String hooks() {
        String note =
                "  - {name: note, command: [/bin/sh, -c, 'echo \"$PGPOD_EVENT $PGPOD_POD\" >> " + BASE + "/notes']}\n";
        return "primary:\n  - {name: table, sql: " + BASE + "/promoted.sql, database: template1, timeout: 1min}\n"
                + note + "standby:\n" + note + "start:\n" + note + "stop:\n" + note + "beforeStop:\n" + note;
    }

    @BeforeAll
    static void start() {
        cluster.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
        Unprivileged.delete(BASE);
    }

    private TestPod primary = cluster.pods().getFirst();

    @BeforeEach
    void clusterIsWhole() {
        primary = cluster.awaitWhole();
    }

    private TestPod standby() {
        return cluster.pods().stream().filter(pod -> pod != primary).findFirst().orElseThrow();
    }

    private static URI secured(TestPod pod) {
        return URI.create("https://" + pod.url().getHost() + ":" + TLS_PORT + "/");
    }

    private static AgentTls tls(String who) throws IOException {
        return AgentTls.ofCaller(BASE.resolve(who), Optional.of(NAME));
    }

    private static HttpResponse<String> ask(String who, TestPod pod, String method, String path, String... headers)
            throws Exception {
        try (AgentHttp http = new AgentHttp(Optional.of(tls(who)), LIMIT)) {
            HttpRequest.Builder request = HttpRequest.newBuilder(secured(pod).resolve(path))
                    .timeout(LIMIT)
                    .method(method, HttpRequest.BodyPublishers.ofString(method.equals("GET") ? "" : "{}"));
            return http.send(
                    headers.length == 0
                            ? request.build()
                            : request.headers(headers).build());
        }
    }

    private static List<String> notes() throws IOException {
        Path notes = BASE.resolve("notes");
        return Files.exists(notes) ? Files.readAllLines(notes) : List.of();
    }

    private static int promotions(TestPod pod) throws Exception {
        try (Connection connection = pod.connect("template1");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from promoted")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    @Test
    void readingNeedsNoProofAndChangingNeedsOneOverTls() throws Exception {
        assertThat(ask("nobody", primary, "GET", "primary").statusCode()).isEqualTo(200);
        assertThat(ask("nobody", primary, "GET", "readyz").statusCode()).isEqualTo(200);
        assertThat(ask("nobody", primary, "GET", "metrics").body()).contains("pgpod_ha_hooks_total");
        assertThat(ask("nobody", primary, "POST", "reload").statusCode()).isEqualTo(401);
        assertThat(ask("person", primary, "POST", "reload").statusCode()).isEqualTo(202);
        String token = Files.readString(primary.tokenFile()).strip();
        assertThat(ask("nobody", primary, "POST", "reload", "Authorization", "Bearer " + token)
                        .statusCode())
                .isEqualTo(202);
        HttpResponse<String> plain = primary.post("/reload", "{}");
        assertThat(plain.statusCode()).isEqualTo(403);
        assertThat(plain.body()).contains("restTlsPort");
        assertThat(primary.status("/failsafe")).isEqualTo(502);
        assertThat(primary.ask("POST", "/failsafe", "{}").statusCode()).isEqualTo(405);
    }

    @Test
    void theCommandLineFindsTheTlsPortsOfAllMembers() throws Exception {
        StringWriter told = new StringWriter();
        ControlClient people = new ControlClient(
                standby().url(), Optional.empty(), Optional.of(tls("person")), new PrintWriter(told), Optional.empty());
        assertThat(people.reload(List.of())).as(told.toString()).isEqualTo(ControlClient.DONE);
        assertThat(people.editConfig(java.util.Map.of("hold_timeout", "20s"), java.util.Map.of()))
                .as(told.toString())
                .isEqualTo(ControlClient.DONE);
        ControlClient stranger = new ControlClient(
                standby().url(), Optional.empty(), Optional.empty(), new PrintWriter(told), Optional.empty());
        assertThat(stranger.reload(List.of())).isEqualTo(ControlClient.FAILED);
        assertThat(told.toString()).contains("--certificates");
    }

    @Test
    void aStandbyHandsOnWhatACertificateAdmitsAndTheHooksOfBothRun() throws Exception {
        TestPod old = primary;
        cluster.await("the hooks of the primary ran", () -> notes().contains("primary " + old.name()));
        int before = promotions(old);
        assertThat(before).isPositive();
        List<String> earlier = notes();
        HttpResponse<String> answer = ask("person", standby(), "POST", "switchover");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        TestPod next = cluster.awaitWhole();
        assertThat(next).isNotEqualTo(old);
        cluster.await("the hooks of the new primary ran", () -> later(earlier).contains("primary " + next.name()));
        cluster.await("those of the old one too", () -> later(earlier).contains("standby " + old.name()));
        assertThat(later(earlier))
                .containsSubsequence(
                        "beforeStop " + old.name(),
                        "stop " + old.name(),
                        "start " + old.name(),
                        "standby " + old.name());
        assertThat(promotions(next)).isEqualTo(before + 1);
        assertThat(next.get("/status").path("hooks").toString()).contains("\"name\":\"table\",\"outcome\":\"done\"");
    }

    private static List<String> later(List<String> earlier) throws IOException {
        List<String> all = new ArrayList<>(notes());
        return all.subList(earlier.size(), all.size());
    }

    @Test
    void aPlannedRestartOutlivesTheAgent() throws Exception {
        TestPod standby = standby();
        StringWriter told = new StringWriter();
        ControlClient people = new ControlClient(
                primary.url(), Optional.empty(), Optional.of(tls("person")), new PrintWriter(told), Optional.empty());
        assertThat(people.restart(
                        List.of(standby.name()), restartAt(Instant.now().plusSeconds(600))))
                .as(told.toString())
                .isEqualTo(ControlClient.DONE);
        assertThat(people.restart(
                        List.of(standby.name()), restartAt(Instant.now().plusSeconds(600))))
                .as("a second plan")
                .isEqualTo(ControlClient.FAILED);
        cluster.await("the plan is shown", () -> standby.get("/patroni").has("scheduled_restart"));
        cluster.await(
                "the plan is shown elsewhere",
                () -> primary.get("/cluster").toString().contains("scheduled_restart"));
        assertThat(people.cancelRestarts(List.of())).as(told.toString()).isEqualTo(ControlClient.DONE);
        assertThat(ask("person", standby, "DELETE", "restart").statusCode()).isEqualTo(404);
        List<String> earlier = notes();
        assertThat(people.restart(
                        List.of(standby.name()), restartAt(Instant.now().plusSeconds(20))))
                .as(told.toString())
                .isEqualTo(ControlClient.DONE);
        standby.killAgent();
        standby.startAgent();
        cluster.await("it has restarted", () -> later(earlier).contains("start " + standby.name()));
        assertThat(later(earlier)).containsSubsequence("beforeStop " + standby.name(), "stop " + standby.name());
        assertThat(cluster.awaitWhole()).isEqualTo(primary);
    }

    private static org.pgpod.haagent.ctl.RestartWish restartAt(Instant time) {
        return new org.pgpod.haagent.ctl.RestartWish(
                Optional.of("replica"), Optional.empty(), false, Optional.of("60"), Optional.of(time.toString()));
    }
}
