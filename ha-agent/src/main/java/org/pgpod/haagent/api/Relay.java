package org.pgpod.haagent.api;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.client.AgentHttp;
import org.pgpod.haagent.model.MemberStatus;

/**
 * Hands a request on to the primary, once: what was handed on already is not handed on again. The caller's token goes
 * with it; who came with a certificate instead is vouched for by this agent's own.
 */
final class Relay {
    private static final String MARK = "X-Pgpod-Relayed";
    private static final Duration LIMIT = Duration.ofSeconds(75);

    private final AgentHttp http;

    Relay(AgentHttp http) {
        this.http = http;
    }

    Reply toPrimary(HttpExchange exchange, Situation now, String body) {
        Optional<MemberStatus> leader = now.leader();
        if (leader.isEmpty()) {
            return Reply.of(Reply.PRECONDITION_FAILED, "the cluster has no primary now");
        }
        boolean relayed = exchange.getRequestHeaders().containsKey(MARK);
        if (relayed || leader.get().pod().equals(now.self().holder().pod())) {
            return Reply.of(Reply.PRECONDITION_FAILED, "this member is not the primary");
        }
        URI primary = now.addresses().of(leader.get());
        HttpRequest request = HttpRequest.newBuilder(
                        primary.resolve(exchange.getRequestURI().getPath()))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .header(MARK, now.self().holder().pod())
                .header(
                        "Authorization",
                        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                                .orElse(""))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = http.send(request);
            boolean json = answer.headers()
                    .firstValue("Content-Type")
                    .filter(type -> type.startsWith("application/json"))
                    .isPresent();
            return new Reply(answer.statusCode(), answer.body(), json);
        } catch (IOException unreachable) {
            return Reply.of(
                    Reply.UNAVAILABLE,
                    "the primary " + leader.get().pod() + " cannot be asked: " + unreachable.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Reply.of(Reply.UNAVAILABLE, "interrupted");
        }
    }
}
