package org.pgpod.core.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.pgpod.core.lifecycle.Health;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The administrative HTTP server of a sidecar: {@code /livez}, {@code /readyz}, {@code /metrics} and what the sidecar adds.
 *
 * <p>Each request runs on a virtual thread of its own, at most {@link #CONCURRENT_REQUESTS_MAX} at once; more are answered
 * 503 at once. A path that nothing serves is 404.
 */
public final class AdminServer implements AutoCloseable {
    public static final int CONCURRENT_REQUESTS_MAX = 64;

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int BACKLOG = 64;
    private static final String TEXT = "text/plain; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService threads;
    private final Semaphore slots = new Semaphore(CONCURRENT_REQUESTS_MAX);
    private volatile Gate gate = Gate.OPEN;

    private AdminServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /** Binds the address, so that a port in use is found at once; serves nothing before {@link #start}. */
    public static AdminServer bind(InetSocketAddress address) throws IOException {
        return bind(address, HttpServer::create);
    }

    /** The same with TLS; an exchange is then an {@link com.sun.net.httpserver.HttpsExchange}. */
    public static AdminServer bind(InetSocketAddress address, HttpsConfigurator tls) throws IOException {
        return bind(address, (at, backlog) -> {
            HttpsServer server = HttpsServer.create(at, backlog);
            server.setHttpsConfigurator(tls);
            return server;
        });
    }

    /** Makes a server that is bound. */
    private interface Binding {
        HttpServer create(InetSocketAddress address, int backlog) throws IOException;
    }

    private static AdminServer bind(InetSocketAddress address, Binding binding) throws IOException {
        try {
            HttpServer server = binding.create(address, BACKLOG);
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
            server.setExecutor(threads);
            return new AdminServer(server, threads);
        } catch (BindException inUse) {
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + inUse.getMessage(),
                    inUse);
        }
    }

    /** Has each request pass a gate; set before {@link #start}. */
    public AdminServer gate(Gate admission) {
        gate = admission;
        return this;
    }

    /**
     * Adds the health of a sidecar as {@code /livez} and {@code /readyz}. Probes that a gate does not admit are told no
     * more than the status.
     */
    public AdminServer health(Supplier<Health> health) {
        serve("/livez", exchange -> probe(exchange, health.get(), health.get().live()));
        serve("/readyz", exchange -> probe(exchange, health.get(), health.get().ready()));
        return this;
    }

    private void probe(HttpExchange exchange, Health health, boolean good) throws IOException {
        boolean admitted = gate.admits(exchange);
        answer(exchange, good ? 200 : 503, admitted ? lines(health) : good ? "ok\n" : "not ready\n");
    }

    /** Adds {@code /metrics} in the Prometheus text format. */
    public AdminServer metrics(Supplier<String> exposition) {
        handle("/metrics", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            send(exchange, 200, exposition.get());
        });
        return this;
    }

    /**
     * Adds a handler for exactly this path, for whom the gate admits; a surprise in it is logged once, and the connection
     * ends.
     */
    public AdminServer handle(String path, HttpHandler handler) {
        return serve(path, exchange -> {
            if (gate.admits(exchange)) {
                handler.handle(exchange);
            } else {
                gate.refuse(exchange);
            }
        });
    }

    private AdminServer serve(String path, HttpHandler handler) {
        server.createContext(path, exchange -> {
            try (exchange) {
                if (!exchange.getRequestURI().getPath().equals(path)) {
                    answer(exchange, 404, "not found\n");
                } else if (slots.tryAcquire()) {
                    try {
                        handler.handle(exchange);
                    } finally {
                        slots.release();
                    }
                } else {
                    answer(exchange, 503, "more than " + CONCURRENT_REQUESTS_MAX + " requests at once\n");
                }
            } catch (IOException gone) {
                LOG.debug("client went away path={}", path, gone);
            } catch (RuntimeException surprise) {
                LOG.error("request failed path={}", path, surprise);
            }
        });
        return this;
    }

    public AdminServer start() {
        server.start();
        return this;
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Answers with a text and a status. */
    public static void answer(HttpExchange exchange, int status, String body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", TEXT);
        send(exchange, status, body);
    }

    /** Answers with a JSON document and a status. */
    public static void answerJson(HttpExchange exchange, int status, String json) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        send(exchange, status, json);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        boolean withoutBody = exchange.getRequestMethod().equals("HEAD") || bytes.length == 0;
        exchange.sendResponseHeaders(status, withoutBody ? -1 : bytes.length);
        if (!withoutBody) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String lines(Health health) {
        StringBuilder lines = new StringBuilder(health.ready() ? "ok\n" : "not ready\n");
        for (Map.Entry<String, String> detail : new TreeMap<>(health.details()).entrySet()) {
            lines.append(detail.getKey()).append(": ").append(detail.getValue()).append('\n');
        }
        return lines.toString();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
