package org.pgpod.haagent.api;

import com.sun.net.httpserver.HttpExchange;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.client.AgentHttp;
import org.pgpod.haagent.client.AgentTls;

/**
 * The REST interface: health by role (200 or 503, for load balancers), documents, and requests of people. {@code
 * docs/reference/rest-api.md} lists it.
 */
public final class RestApi {
    private static final List<String> READING = List.of("GET", "HEAD", "OPTIONS");
    private static final String NO_LOAD_BALANCE = "noloadbalance";

    private final Situation.Source source;
    private final ControlRequests control;

    /**
     * @param token what callers must present who want to change something
     * @param tls what they come over; empty for what is there
     * @param agents for what is handed on to the primary
     */
    public RestApi(Situation.Source source, Credential token, Optional<AgentTls> tls, AgentHttp agents) {
        this.source = source;
        this.control = new ControlRequests(source, new Caller(token, tls), new Relay(agents));
    }

    /** Adds every path to {@code server}. */
    public void serve(AdminServer server) {
        health(server, List.of("/", "/primary", "/read-write", "/master"), (now, query) -> now.isPrimary());
        health(server, List.of("/leader"), (now, query) -> now.holdsLock() || now.isStandbyLeader());
        health(server, List.of("/replica"), RestApi::servesAsReplica);
        health(
                server,
                List.of("/async", "/asynchronous"),
                (now, query) -> servesAsReplica(now, query) && !now.isVoter());
        health(
                server,
                List.of("/sync", "/synchronous"),
                (now, query) -> servesAsReplica(now, query) && now.isVoter() && !now.isQuorum());
        health(
                server,
                List.of("/quorum"),
                (now, query) -> servesAsReplica(now, query) && now.isVoter() && now.isQuorum());
        health(
                server,
                List.of("/read-only-sync"),
                (now, query) -> now.isPrimary() || (servesAsReplica(now, query) && now.isVoter() && !now.isQuorum()));
        health(
                server,
                List.of("/read-only-quorum"),
                (now, query) -> now.isPrimary() || (servesAsReplica(now, query) && now.isVoter() && now.isQuorum()));
        health(server, List.of("/standby-leader", "/standby_leader"), (now, query) -> now.isStandbyLeader());
        health(
                server,
                List.of("/read-only"),
                (now, query) -> now.isPrimary() || now.isStandbyLeader() || servesAsReplica(now, query));
        health(server, List.of("/health"), (now, query) -> now.database().isPresent());
        health(server, List.of("/liveness"), (now, query) -> now.health().live());
        health(server, List.of("/readiness"), RestApi::isReady);
        document(server, "/patroni", now -> PatroniDocuments.member(now).toString());
        document(server, "/cluster", now -> PatroniDocuments.cluster(now).toString());
        document(server, "/history", now -> PatroniDocuments.history(now).toString());
        document(server, "/status", now -> StatusDocument.of(now).toString());
        server.handle(
                "/failsafe",
                exchange -> reading(
                                exchange,
                                query -> PatroniDocuments.failsafe(source.now())
                                        .map(Reply::of)
                                        .orElseGet(() -> Reply.of(
                                                Reply.BAD_GATEWAY,
                                                "nobody is asked: promises are for synchronous mode with voters only")))
                        .send(exchange));
        control.serve(server);
    }

    private static boolean servesAsReplica(Situation now, Query query) {
        var tags = now.self().tags().values();
        boolean balanced = !"true".equals(tags.get(NO_LOAD_BALANCE));
        boolean tagged =
                query.tags().entrySet().stream().allMatch(tag -> tag.getValue().equals(tags.get(tag.getKey())));
        boolean streaming =
                query.value("replication_state").filter("streaming"::equals).isEmpty() || now.isStreaming();
        return now.isReplica()
                && !now.isPrimary()
                && !now.isStandbyLeader()
                && balanced
                && tagged
                && streaming
                && within(query, now.ownLagBytes());
    }

    /** In mode write it counts how much was received, else how much was replayed. */
    private static boolean isReady(Situation now, Query query) {
        boolean received = query.value("mode").filter("write"::equals).isPresent();
        return now.isPrimary()
                || (now.isStreaming() && within(query, received ? now.receivedLagBytes() : now.ownLagBytes()));
    }

    private static boolean within(Query query, Optional<Long> lagBytes) {
        Optional<LagLimit> limit = query.value("lag").flatMap(LagLimit::parse);
        return limit.isEmpty() || limit.get().allows(lagBytes);
    }

    private void health(AdminServer server, List<String> paths, BiPredicate<Situation, Query> holds) {
        for (String path : paths) {
            server.handle(
                    path,
                    exchange -> reading(exchange, query -> {
                                Situation now = source.now();
                                int status = holds.test(now, query) ? Reply.OK : Reply.UNAVAILABLE;
                                return new Reply(
                                        status, PatroniDocuments.member(now).toString(), true);
                            })
                            .send(exchange));
        }
    }

    private void document(AdminServer server, String path, Function<Situation, String> writer) {
        server.handle(
                path,
                exchange -> reading(exchange, query -> new Reply(Reply.OK, writer.apply(source.now()), true))
                        .send(exchange));
    }

    private static Reply reading(HttpExchange exchange, Function<Query, Reply> answer) {
        if (!READING.contains(exchange.getRequestMethod())) {
            return Reply.of(Reply.METHOD_NOT_ALLOWED, "only " + READING);
        }
        Query query = Query.of(exchange.getRequestURI());
        return query.problem()
                .map(problem -> Reply.of(Reply.BAD_REQUEST, problem))
                .orElseGet(() -> answer.apply(query));
    }
}
