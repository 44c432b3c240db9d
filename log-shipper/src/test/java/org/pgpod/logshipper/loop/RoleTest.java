package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** Records carry what the server was when they were written, as its agent says. */
class RoleTest {
    private final AtomicInteger questions = new AtomicInteger();
    private volatile String status = "{}";
    private PostgresServer sink;
    private HttpServer agent;
    private Pod pod;

    @BeforeEach
    void start() throws Exception {
        sink = PostgresServer.start();
        pod = new Pod(sink);
        agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        agent.createContext("/status", exchange -> {
            byte[] answer = status.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
            questions.incrementAndGet();
        });
        agent.start();
    }

    @AfterEach
    void stop() {
        pod.close();
        agent.stop(0);
        sink.close();
    }

    /** An answer that was asked for after this call is noted once the one after it is asked for. */
    private void say(String text) {
        status = text;
        int before = questions.get();
        Await.until("the agent is asked", () -> questions.get() >= before + 3);
    }

    @Test
    void roleAndTimelineAreThoseOfTheTimeOfTheRecord() throws Exception {
        String url = "http://127.0.0.1:" + agent.getAddress().getPort() + "/status";
        status = "{\"role\":\"standby\",\"members\":[{\"role\":\"primary\",\"timeline\":9}],\"timeline\":3}";
        pod.start(PostgresServer.freePort(), Map.of("agentUrl", url));
        Await.until("the agent is asked", () -> questions.get() >= 2);
        pod.writeLines("roles.jsonl", 0, 5);
        Await.until("the first lines", () -> pod.holdsLines(5));
        say("{\"role\":\"primary\",\"timeline\":4}");
        pod.writeLines("roles.jsonl", 5, 7);
        Await.until("more lines", () -> pod.holdsLines(7));
        assertThat(pod.texts("SELECT line || ' ' || role || ' ' || timeline || ' ' || zone"
                        + " FROM pgpod_logs.sidecar_log ORDER BY line"))
                .containsExactly(
                        "0 standby 3 z-1",
                        "1 standby 3 z-1",
                        "2 standby 3 z-1",
                        "3 standby 3 z-1",
                        "4 standby 3 z-1",
                        "5 primary 4 z-1",
                        "6 primary 4 z-1");
        pod.append(
                "roles.jsonl",
                "{\"timestamp\":\"2026-01-01T00:00:00Z\",\"sidecar\":\"exporter\",\"instance\":\"i\",\"line\":7}\n");
        Await.until("a line of long ago", () -> pod.holdsLines(8));
        assertThat(pod.texts("SELECT coalesce(role, 'unknown') FROM pgpod_logs.sidecar_log WHERE line = 7"))
                .containsExactly("unknown");
    }
}
