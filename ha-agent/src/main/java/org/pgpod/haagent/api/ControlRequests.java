package org.pgpod.haagent.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.haagent.loop.Requests;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;

/**
 * What people ask of the agent over HTTP; callers prove themselves to {@link Caller}. An answer is waited for; what takes
 * longer goes on and is 202.
 */
final class ControlRequests {
    private static final int BODY_BYTES_MAX = 262_144;
    static final Duration WAIT = Duration.ofSeconds(60);
    private static final String ACCEPT_DATA_LOSS = "accept_data_loss";
    private static final String LEASE_VERSION = "lease_version";
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ObjectMapper json = new ObjectMapper();
    private final Situation.Source source;
    private final Requests requests;
    private final Caller caller;
    private final Relay relay;

    ControlRequests(Situation.Source source, Caller caller, Relay relay) {
        this.source = source;
        this.requests = source.loop().requests();
        this.caller = caller;
        this.relay = relay;
    }

    /** A request that was admitted, with its body. */
    record Asked(HttpExchange exchange, String text, ObjectNode body) {}

    /** Works on a request. */
    interface Handler {
        Reply handle(Asked asked);
    }

    void serve(AdminServer server) {
        PlannedSwitchovers planned = new PlannedSwitchovers(source);
        Restarts restarts = new Restarts(source, this);
        on(server, "/switchover", Map.of("POST", this::switchover, "DELETE", planned::delete));
        on(server, "/failover", Map.of("POST", this::failover, "DELETE", planned::delete));
        on(server, "/restart", Map.of("POST", restarts::post, "DELETE", restarts::delete));
        on(server, "/reload", Map.of("POST", this::reload));
        on(server, "/reinitialize", Map.of("POST", this::reinitialize));
        on(server, "/remove", Map.of("POST", this::remove));
        ConfigDocument config = new ConfigDocument(source);
        on(server, "/config", Map.of("GET", asked -> config.get(), "PATCH", this::patchConfig, "PUT", config::put));
    }

    private void on(AdminServer server, String path, Map<String, Handler> handlers) {
        server.handle(path, exchange -> {
            Handler handler = handlers.get(exchange.getRequestMethod());
            Reply reply;
            if (handler == null) {
                reply = Reply.of(
                        Reply.METHOD_NOT_ALLOWED, "only " + String.join(", ", new TreeSet<>(handlers.keySet())));
            } else if (exchange.getRequestMethod().equals("GET")) {
                reply = handler.handle(new Asked(exchange, "", JsonNodeFactory.instance.objectNode()));
            } else {
                reply = caller.refusal(exchange).orElseGet(() -> run(exchange, handler));
            }
            reply.send(exchange);
        });
    }

    private Reply run(HttpExchange exchange, Handler handler) {
        try {
            byte[] bytes = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
            if (bytes.length > BODY_BYTES_MAX) {
                return Reply.of(Reply.BAD_REQUEST, "the body is longer than " + BODY_BYTES_MAX + " bytes");
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            JsonNode body = text.isBlank() ? JsonNodeFactory.instance.objectNode() : json.readTree(text);
            return body instanceof ObjectNode object
                    ? handler.handle(new Asked(exchange, text, object))
                    : Reply.of(Reply.BAD_REQUEST, "the body must be a JSON object");
        } catch (JsonProcessingException malformed) {
            return Reply.of(Reply.BAD_REQUEST, "the body is not JSON");
        } catch (IOException broken) {
            return Reply.of(Reply.BAD_REQUEST, "the body cannot be read");
        }
    }

    /** Refuses keys that nobody would look at. */
    static Optional<Reply> unknownKeys(ObjectNode body, Set<String> allowed) {
        List<String> unknown = body.properties().stream()
                .map(Map.Entry::getKey)
                .filter(key -> !allowed.contains(key))
                .toList();
        return unknown.isEmpty()
                ? Optional.empty()
                : Optional.of(Reply.of(
                        Reply.BAD_REQUEST,
                        "unknown: " + String.join(", ", unknown) + "; allowed are "
                                + String.join(", ", new TreeSet<>(allowed))));
    }

    static Optional<String> text(JsonNode body, String key) {
        return Optional.of(body.path(key).asText("")).filter(text -> !text.isBlank());
    }

    private Reply switchover(Asked asked) {
        Optional<Reply> unknown = unknownKeys(asked.body(), Set.of("leader", "candidate", "scheduled_at"));
        return unknown.orElseGet(() -> handOver(asked));
    }

    private Reply failover(Asked asked) {
        Optional<Reply> unknown =
                unknownKeys(asked.body(), Set.of("leader", "candidate", ACCEPT_DATA_LOSS, LEASE_VERSION));
        if (unknown.isPresent()) {
            return unknown.get();
        }
        if (text(asked.body(), "candidate").isEmpty()) {
            return Reply.of(Reply.BAD_REQUEST, "a failover is to a certain member only: candidate is missing");
        }
        return asked.body().has(ACCEPT_DATA_LOSS) || asked.body().has(LEASE_VERSION) ? force(asked) : handOver(asked);
    }

    /** The one verb that may lose data: asked of the candidate itself, and good for one version of the Lease. */
    private Reply force(Asked asked) {
        String self = source.now().self().holder().pod();
        Optional<String> version = text(asked.body(), LEASE_VERSION);
        if (!asked.body().path(ACCEPT_DATA_LOSS).asBoolean(false) || version.isEmpty()) {
            return Reply.of(
                    Reply.BAD_REQUEST,
                    ACCEPT_DATA_LOSS + " must be true and " + LEASE_VERSION
                            + " the version of the leader Lease that was looked at (leaseVersion in /status)");
        }
        return text(asked.body(), "candidate").filter(self::equals).isPresent()
                ? submit(new Request.Failover(id(), version.get()), WAIT)
                : Reply.of(
                        Reply.PRECONDITION_FAILED, "this is " + self + ": such a request goes to the candidate itself");
    }

    private Reply handOver(Asked asked) {
        Situation now = source.now();
        Optional<String> leader = now.leader().map(MemberStatus::pod);
        if (leader.isEmpty()) {
            return Reply.of(
                    Reply.PRECONDITION_FAILED,
                    "there is no primary to take over from; an election goes on and needs no request");
        }
        if (!now.holdsLock()) {
            return relay.toPrimary(asked.exchange(), now, asked.text());
        }
        Optional<String> named = text(asked.body(), "leader").filter(name -> !name.equals(leader.get()));
        if (named.isPresent()) {
            return Reply.of(Reply.PRECONDITION_FAILED, "the primary is " + leader.get() + " and not " + named.get());
        }
        Optional<String> candidate = text(asked.body(), "candidate");
        if (candidate.filter(leader.get()::equals).isPresent()) {
            return Reply.of(Reply.BAD_REQUEST, leader.get() + " is the primary already");
        }
        boolean stranger = candidate
                .filter(name ->
                        now.members().stream().noneMatch(member -> member.pod().equals(name)))
                .isPresent();
        if (stranger) {
            return Reply.of(Reply.PRECONDITION_FAILED, "there is no member " + candidate.get());
        }
        return text(asked.body(), "scheduled_at").isPresent()
                ? new PlannedSwitchovers(source).plan(asked.body())
                : submit(new Request.Switchover(id(), candidate), WAIT);
    }

    private Reply reload(Asked asked) {
        source.loop().reload();
        return Reply.of(Reply.ACCEPTED, "the configuration is read and loaded anew");
    }

    /** Patroni's {@code force} and {@code from_leader} change nothing: it is always so here. */
    private Reply reinitialize(Asked asked) {
        Optional<Reply> unknown = unknownKeys(asked.body(), Set.of("force", "from-leader", "from_leader"));
        if (unknown.isPresent()) {
            return unknown.get();
        }
        Reply reply = submit(new Request.Reinitialize(id()), WAIT);
        return reply.status() == Reply.PRECONDITION_FAILED
                ? new Reply(Reply.UNAVAILABLE, reply.body(), reply.json())
                : reply;
    }

    private Reply remove(Asked asked) {
        Optional<Reply> unknown = unknownKeys(asked.body(), Set.of("member"));
        Optional<String> member = text(asked.body(), "member");
        if (unknown.isPresent() || member.isEmpty()) {
            return unknown.orElseGet(
                    () -> Reply.of(Reply.BAD_REQUEST, "member is missing: the name of the member to forget"));
        }
        Situation now = source.now();
        return now.holdsLock()
                ? submit(new Request.Remove(id(), member.get()), WAIT)
                : relay.toPrimary(asked.exchange(), now, asked.text());
    }

    /** {@code pause} is kept in the leader Lease, everything else in the ConfigMap. */
    private Reply patchConfig(Asked asked) {
        if (!asked.body().has("pause")) {
            return new ConfigDocument(source).patch(asked);
        }
        if (asked.body().size() != 1) {
            return Reply.of(Reply.BAD_REQUEST, "pause must be changed by itself");
        }
        Situation now = source.now();
        if (!now.holdsLock()) {
            return relay.toPrimary(asked.exchange(), now, asked.text());
        }
        JsonNode pause = asked.body().path("pause");
        return pause.isBoolean() || pause.isNull()
                ? submit(new Request.Pause(id(), pause.asBoolean(false)), WAIT)
                : Reply.of(Reply.BAD_REQUEST, "pause is '" + pause.asText() + "'; it must be true, false or null");
    }

    static String id() {
        return UUID.randomUUID().toString();
    }

    /** Has the loop carry it out, and waits for the end of it for as long as {@code limit}. */
    Reply submit(Request request, Duration limit) {
        if (!requests.submit(request)) {
            return Reply.of(Reply.CONFLICT, "another request is being worked on");
        }
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
            Optional<Reply> answer = requests.answerTo(request.id()).flatMap(ControlRequests::ended);
            if (answer.isPresent()) {
                return answer.get();
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return Reply.of(Reply.ACCEPTED, "it goes on; GET /status shows how far it is");
    }

    private static Optional<Reply> ended(RequestAnswer answer) {
        return switch (answer) {
            case RequestAnswer.Running ignored -> Optional.empty();
            case RequestAnswer.Done(String what) -> Optional.of(Reply.of(Reply.OK, what));
            case RequestAnswer.Refused(String why) -> Optional.of(Reply.of(Reply.PRECONDITION_FAILED, why));
            case RequestAnswer.Failed(String why) -> Optional.of(Reply.of(Reply.UNAVAILABLE, why));
        };
    }
}
