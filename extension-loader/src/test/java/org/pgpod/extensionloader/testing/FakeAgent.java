package org.pgpod.extensionloader.testing;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers {@code GET /status} as ha-agent does. */
public final class FakeAgent implements AutoCloseable {
    private final HttpServer server;
    private volatile String body = "{}";

    private FakeAgent(HttpServer server) {
        this.server = server;
    }

    public static FakeAgent serve() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        FakeAgent agent = new FakeAgent(server);
        server.createContext("/status", exchange -> {
            try (exchange) {
                byte[] bytes = agent.body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
        return agent;
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/status";
    }

    /** From now on, this role, and members with these digests. */
    public void says(String role, List<String> libraries) {
        StringBuilder members = new StringBuilder();
        for (int i = 0; i < libraries.size(); i++) {
            members.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"demo-" + i + "\",\"libraries\":\"" + libraries.get(i) + "\"}");
        }
        body = "{\"cluster\":\"demo\",\"role\":\"" + role + "\",\"members\":[" + members + "]}";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
