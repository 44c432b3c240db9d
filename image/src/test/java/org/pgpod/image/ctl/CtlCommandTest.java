package org.pgpod.image.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.admin.AdminServer;
import picocli.CommandLine;

/** What the command line makes of options and answers, against an agent that only notes what it is asked. */
class CtlCommandTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory = Path.of("");

    private AdminServer agent = server();

    private static AdminServer server() {
        try {
            return AdminServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    @BeforeEach
    void start() {
        String url = "http://127.0.0.1:" + agent.address().getPort();
        agent.handle("/cluster", exchange -> AdminServer.answerJson(exchange, 200, """
                {"scope":"demo","members":[
                 {"name":"demo-0","role":"leader","state":"running","host":"10.0.0.1","port":5432,"api_url":"%1$s/patroni",
                  "timeline":2,"pending_restart":true,
                  "pending_restart_reason":{"max_connections":{"old_value":"100","new_value":"90"}}},
                 {"name":"demo-1","role":"sync_standby","state":"streaming","host":"10.0.0.2","port":5432,
                  "api_url":"%1$s/patroni","timeline":2,"lag":0,"scheduled_restart":{"schedule":"2030-01-01T00:00:00Z"},
                  "tags":{"rack":"b"}}]}
                """.formatted(url)));
        agent.handle(
                "/patroni",
                exchange -> AdminServer.answerJson(exchange, 200, "{\"database_system_identifier\":\"7311\"}"));
        for (String path : List.of("/config", "/switchover", "/restart", "/remove")) {
            agent.handle(path, exchange -> {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                asked.add(exchange.getRequestMethod() + " " + path + " " + body + " "
                        + exchange.getRequestHeaders().getFirst("Authorization"));
                AdminServer.answerJson(exchange, 200, path.equals("/config") ? "{\"hold_timeout\":20}" : "\"done\"");
            });
        }
        agent.start();
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private int run(String... arguments) {
        CommandLine command = new CommandLine(new CtlCommand());
        command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return command.execute(arguments);
    }

    private String url() {
        return "--url=http://127.0.0.1:" + agent.address().getPort();
    }

    private String token() throws IOException {
        return "--token-file=" + Files.writeString(directory.resolve("token"), "secret\n");
    }

    @Test
    void tablesShowWhatWaitsAndTags() {
        assertThat(run("list", url())).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains(
                        "Cluster: demo (7311)",
                        "Sync Standby",
                        "max_connections: 100->90",
                        "2030-01-01T00:00:00Z",
                        "rack=b");
        out.getBuffer().setLength(0);
        assertThat(run(url(), "-o", "json", "list")).isZero();
        assertThat(out.toString()).startsWith("{").contains("\"scope\" : \"demo\"");
        out.getBuffer().setLength(0);
        assertThat(run("show-config", url())).isZero();
        assertThat(out.toString().strip()).isEqualTo("hold_timeout: 20");
    }

    @Test
    void changesCarryTheTokenOfTheFile() throws IOException {
        assertThat(run("edit-config", url(), token(), "-s", "hold_timeout=null", "-p", "work_mem=8MB"))
                .as(err.toString())
                .isZero();
        assertThat(asked)
                .containsExactly(
                        "PATCH /config {\"hold_timeout\":null,\"postgresql\":{\"parameters\":{\"work_mem\":\"8MB\"}}}"
                                + " Bearer secret");
        asked.clear();
        Path file = Files.writeString(directory.resolve("config.yaml"), "drain_timeout: 1\n");
        assertThat(run("edit-config", url(), token(), "--replace", file.toString()))
                .isZero();
        assertThat(asked).containsExactly("PUT /config {\"drain_timeout\":1} Bearer secret");
        asked.clear();
        assertThat(run("switchover", url(), token(), "--candidate=demo-1", "--scheduled=2030-01-01T00:00:00Z"))
                .isZero();
        assertThat(asked)
                .containsExactly(
                        "POST /switchover {\"candidate\":\"demo-1\",\"scheduled_at\":\"2030-01-01T00:00:00Z\"} Bearer"
                                + " secret");
        asked.clear();
        assertThat(run("restart", url(), token(), "-r", "replica", "--timeout", "30"))
                .isZero();
        assertThat(asked).containsExactly("POST /restart {\"role\":\"replica\",\"timeout\":\"30\"} Bearer secret");
        asked.clear();
        assertThat(run("restart", url(), token(), "demo-1", "--pending", "--scheduled=2030-01-01T00:00:00Z"))
                .isZero();
        assertThat(asked)
                .containsExactly("POST /restart {\"schedule\":\"2030-01-01T00:00:00Z\",\"restart_pending\":true}"
                        + " Bearer secret");
        asked.clear();
        assertThat(run("flush", url(), token(), "restart", "demo-1")).isZero();
        assertThat(run("flush", url(), token(), "restart", "nobody")).isEqualTo(1);
        assertThat(run("flush", url(), token(), "switchover")).isZero();
        assertThat(asked).containsExactly("DELETE /restart {} Bearer secret", "DELETE /switchover {} Bearer secret");
    }

    @Test
    void aMemberIsRemovedWhenItsNameIsGivenTwice() throws IOException {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("demo-0\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(run("remove", url(), token(), "demo-1")).isEqualTo(1);
            System.setIn(new ByteArrayInputStream(new byte[0]));
            assertThat(run("remove", url(), token(), "demo-1")).isEqualTo(1);
            assertThat(asked).isEmpty();
            assertThat(out.toString()).contains("Please confirm the name", "Error: not confirmed");
            System.setIn(new ByteArrayInputStream("demo-1\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(run("remove", url(), token(), "demo-1"))
                    .as(out.toString())
                    .isZero();
        } finally {
            System.setIn(before);
        }
        assertThat(run("remove", url(), token(), "--force", "demo-1")).isZero();
        assertThat(run("remove", url(), token(), "--force", "nobody")).isEqualTo(1);
        String request = "POST /remove {\"member\":\"demo-1\"} Bearer secret";
        assertThat(asked).containsExactly(request, request);
    }

    @Test
    void placesAreDocumentsForPrograms() {
        assertThat(run(url(), "-o", "json", "dsn")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("\"host\" : \"10.0.0.1\"", "\"port\" : 5432");
    }

    @Test
    void certificatesThatCannotBeReadAreMisuse() {
        assertThat(run(url(), "--certificates", directory.toString(), "list")).isEqualTo(2);
        assertThat(err.toString()).contains("--certificates: ", "ca.crt is missing");
    }

    @Test
    void theEditorsTextReplacesTheConfiguration() throws IOException {
        assertThat(run("edit-config", url(), token(), "--editor", "sed -i s/20/30/"))
                .as(err.toString())
                .isZero();
        assertThat(asked).last().isEqualTo("PUT /config {\"hold_timeout\":30} Bearer secret");
        asked.clear();
        assertThat(run("edit-config", url(), token(), "--editor", "true")).isZero();
        assertThat(asked).hasSize(1);
    }

    @Test
    void aRollingRestartBeginsOnlyWhereEverybodyStreams() throws IOException {
        assertThat(run("restart", url(), token(), "--rolling")).isEqualTo(1);
        assertThat(out.toString()).contains("Error: demo-1 does not stream; nothing was restarted");
        assertThat(asked).isEmpty();
    }

    @Test
    void misuseIsTwo() {
        assertThat(run("list", "-o", "xml")).isEqualTo(2);
        assertThat(run("nothing")).isEqualTo(2);
        assertThat(run("failover", url())).isEqualTo(2);
        assertThat(run("flush", url(), "everything")).isEqualTo(2);
        assertThat(run("flush", url(), "switchover", "demo-1")).isEqualTo(2);
        assertThat(run("list", "--url=nowhere")).isEqualTo(2);
        assertThat(run("restart", url(), "--rolling", "demo-1")).isEqualTo(2);
        assertThat(run("restart", url(), "--rolling", "--pending")).isEqualTo(2);
        assertThat(run("restart", url(), "--rolling", "--timeout", "soon")).isEqualTo(2);
        assertThat(run("restart", url(), "demo-9")).isEqualTo(1);
        assertThat(out.toString()).contains("there is no member demo-9; members are demo-0, demo-1");
    }
}
