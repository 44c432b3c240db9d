package org.pgpod.haagent.api;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.haagent.loop.Requests;

/**
 * The REST interface: health by role (200 or 503, for load balancers), documents, and requests of people. {@code
 * docs/reference/rest-api.md} lists it.
 */
public final class RestApi {
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int UNAVAILABLE = 503;
    private static final List<String> READING = List.of("GET", "HEAD", "OPTIONS");
    private static final String NO_LOAD_BALANCE = "noloadbalance";

    private final Situation.Source source;
    private final ControlRequests control;

    public RestApi(Situation.Source source, Requests requests) {
        this.source = source;
        this.control = new ControlRequests(source, requests);
    }

    /** Adds every path to {@code server}. */
    public void serve(AdminServer server) {
        for (String path : List.of("/", "/primary", "/read-write", "/master")) {
            health(server, path, (now, query) -> now.isPrimary());
        }
        health(server, "/leader", (now, query) -> now.holdsLock());
        for (String path : List.of("/replica", "/async", "/asynchronous")) {
            health(server, path, RestApi::servesAsReplica);
        }
        for (String path : List.of("/sync", "/synchronous", "/quorum", "/standby-leader", "/standby_leader")) {
            health(server, path, (now, query) -> false);
        }
        health(server, "/read-only", (now, query) -> now.isPrimary() || servesAsReplica(now, query));
        health(server, "/health", (now, query) -> now.database().isPresent());
        health(server, "/liveness", (now, query) -> now.health().live());
        health(server, "/readiness", RestApi::isReady);
        document(server, "/patroni", now -> PatroniDocuments.member(now).toString());
        document(server, "/cluster", now -> PatroniDocuments.cluster(now).toString());
        document(server, "/history", now -> PatroniDocuments.history(now).toString());
        document(server, "/status", now -> StatusDocument.of(now).toString());
        control.serve(server);
    }

    /** What is asked in the query beside the path, such as {@code lag=16MB}. */
    private record Query(Map<String, String> values) {
        Optional<String> value(String name) {
            return Optional.ofNullable(values.get(name));
        }
    }

    private static boolean servesAsReplica(Situation now, Query query) {
        boolean balanced = !"true".equals(now.self().tags().values().get(NO_LOAD_BALANCE));
        boolean streaming =
                query.value("replication_state").filter("streaming"::equals).isEmpty() || now.isStreaming();
        return now.isReplica() && !now.isPrimary() && balanced && streaming && withinLag(now, query);
    }

    private static boolean isReady(Situation now, Query query) {
        return now.isPrimary() || (now.isStreaming() && withinLag(now, query));
    }

    private static boolean withinLag(Situation now, Query query) {
        Optional<LagLimit> limit = query.value("lag").flatMap(LagLimit::parse);
        return limit.isEmpty() || limit.get().allows(now.ownLagBytes());
    }

    private void health(AdminServer server, String path, BiPredicate<Situation, Query> holds) {
        server.handle(path, exchange -> {
            if (!READING.contains(exchange.getRequestMethod())) {
                AdminServer.answer(exchange, METHOD_NOT_ALLOWED, "only " + READING + "\n");
                return;
            }
            Query query = query(exchange);
            if (query.value("lag").isPresent()
                    && query.value("lag").flatMap(LagLimit::parse).isEmpty()) {
                AdminServer.answer(
                        exchange, BAD_REQUEST, "lag is a number of bytes, or one with a unit such as 16MB\n");
                return;
            }
            Situation now = source.now();
            int status = holds.test(now, query) ? OK : UNAVAILABLE;
            AdminServer.answerJson(
                    exchange, status, PatroniDocuments.member(now).toString());
        });
    }

    private void document(AdminServer server, String path, Function<Situation, String> writer) {
        server.handle(path, exchange -> {
            if (READING.contains(exchange.getRequestMethod())) {
                AdminServer.answerJson(exchange, OK, writer.apply(source.now()));
            } else {
                AdminServer.answer(exchange, METHOD_NOT_ALLOWED, "only " + READING + "\n");
            }
        });
    }

    private static Query query(HttpExchange exchange) throws IOException {
        Map<String, String> values = new HashMap<>();
        String text =
                Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.put(
                        URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return new Query(values);
    }
}
