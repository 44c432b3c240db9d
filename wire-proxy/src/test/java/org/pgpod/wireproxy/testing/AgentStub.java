package org.pgpod.wireproxy.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.pgpod.core.testing.PostgresServer;

/** {@code GET /status} of one member's agent, in the fields that wire-proxy reads, true of its real server at each request. */
public final class AgentStub implements AutoCloseable {
    private final String name;
    private final String address;
    private final PostgresServer postgres;
    private final HttpServer server;
    private List<AgentStub> members = List.of();
    private volatile String tags = "{}";

    public AgentStub(String name, String address, PostgresServer postgres) {
        this.name = name;
        this.address = address;
        this.postgres = postgres;
        try {
            server = HttpServer.create(new InetSocketAddress(address, 0), 0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/status", this::answer);
    }

    /** Serves, knowing of these members. */
    public void start(List<AgentStub> all) {
        members = all;
        server.start();
    }

    public String url() {
        return "http://" + address + ":" + server.getAddress().getPort() + "/status";
    }

    /** Sets the tags of the member, a JSON object. */
    public void tag(String json) {
        tags = json;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = document().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String document() {
        try (Connection connection = postgres.connect();
                var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select case when pg_is_in_recovery() then 'standby' else 'primary' end as role,
                               case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                                    else pg_current_wal_flush_lsn() end::text as replayed""")) {
            row.next();
            return "{\"member\":\"" + name + "\",\"role\":\"" + row.getString("role") + "\",\"replayed\":\""
                    + row.getString("replayed") + "\",\"members\":["
                    + members.stream().map(AgentStub::listed).collect(Collectors.joining(",")) + "]}";
        } catch (SQLException down) {
            return "{\"member\":\"" + name + "\",\"role\":\"none\",\"replayed\":null,\"members\":[]}";
        }
    }

    private String listed() {
        return "{\"name\":\"" + name + "\",\"role\":\"standby\",\"host\":\"" + address + "\",\"apiPort\":"
                + server.getAddress().getPort() + ",\"lsn\":\"0/0\",\"zone\":\"a\",\"tags\":" + tags + "}";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
