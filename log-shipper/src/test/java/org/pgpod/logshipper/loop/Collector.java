package org.pgpod.logshipper.loop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;
import java.util.zip.GZIPInputStream;

/** A server that takes what is posted to it, and answers as a test wants. */
final class Collector implements AutoCloseable {
    /** What was posted and accepted. */
    record Request(String path, String contentType, String authorization, String tenant, String body) {}

    private final HttpServer server;
    private final List<Request> accepted = new CopyOnWriteArrayList<>();
    private volatile ToIntFunction<Request> answer = request -> 200;

    Collector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body;
            try (GZIPInputStream in = new GZIPInputStream(exchange.getRequestBody())) {
                body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            Request request = new Request(
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                    String.valueOf(exchange.getRequestHeaders().getFirst("X-Scope-OrgID")),
                    body);
            int status = answer.applyAsInt(request);
            if (status == 200) {
                accepted.add(request);
            }
            byte[] text = "{}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    /** How requests are answered from now on; what is answered with 200 counts as accepted. */
    void answer(ToIntFunction<Request> next) {
        answer = next;
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    List<Request> accepted() {
        return List.copyOf(accepted);
    }

    /** The lines of all bodies that were accepted. */
    List<String> lines() {
        return accepted.stream().flatMap(request -> request.body().lines()).toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
