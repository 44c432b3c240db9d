package org.pgpod.haagent.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.haagent.loop.Requests;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;

/**
 * What people ask of the agent over HTTP. Only callers on loopback are heard: anybody else is 403 until callers can prove
 * who they are. An answer is waited for; what takes longer goes on and is 202.
 */
final class ControlRequests {
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;
    private static final int UNAVAILABLE = 503;
    private static final int BODY_BYTES_MAX = 65_536;
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ObjectMapper json = new ObjectMapper();
    private final Situation.Source source;
    private final Requests requests;

    ControlRequests(Situation.Source source, Requests requests) {
        this.source = source;
        this.requests = requests;
    }

    void serve(AdminServer server) {
        server.handle("/switchover", exchange -> control(exchange, "POST", this::switchover));
        server.handle("/failover", exchange -> control(exchange, "POST", this::switchover));
        server.handle("/restart", exchange -> control(exchange, "POST", body -> submit(new Request.Restart(id()))));
        server.handle(
                "/reinitialize", exchange -> control(exchange, "POST", body -> submit(new Request.Reinitialize(id()))));
        server.handle("/config", exchange -> control(exchange, "PATCH", this::configure));
    }

    /** A status with a sentence for people. */
    private record Answer(int status, String text) {}

    private interface Handler {
        Answer handle(JsonNode body);
    }

    private void control(HttpExchange exchange, String method, Handler handler) throws IOException {
        Answer answer = admit(exchange, method).orElseGet(() -> run(exchange, handler));
        AdminServer.answer(exchange, answer.status(), answer.text() + "\n");
    }

    private static Optional<Answer> admit(HttpExchange exchange, String method) {
        if (!exchange.getRequestMethod().equals(method)) {
            return Optional.of(new Answer(METHOD_NOT_ALLOWED, "only " + method));
        }
        // Behind a proxy of the pod the caller would look local whoever it is: such requests are not for this port.
        boolean relayed = exchange.getRequestHeaders().containsKey("X-Forwarded-For")
                || exchange.getRequestHeaders().containsKey("Forwarded");
        // A browser must not be made to send what its user did not mean.
        boolean ofBrowser = exchange.getRequestHeaders().containsKey("Origin");
        if (relayed || ofBrowser || !exchange.getRemoteAddress().getAddress().isLoopbackAddress()) {
            return Optional.of(new Answer(FORBIDDEN, "requests are taken from inside the pod only"));
        }
        return Optional.empty();
    }

    private Answer run(HttpExchange exchange, Handler handler) {
        try {
            byte[] bytes = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
            if (bytes.length > BODY_BYTES_MAX) {
                return new Answer(BAD_REQUEST, "the body is longer than " + BODY_BYTES_MAX + " bytes");
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            JsonNode body = text.isBlank() ? JsonNodeFactory.instance.objectNode() : json.readTree(text);
            return body.isObject() ? handler.handle(body) : new Answer(BAD_REQUEST, "the body must be a JSON object");
        } catch (JsonProcessingException malformed) {
            return new Answer(BAD_REQUEST, "the body is not JSON");
        } catch (IOException broken) {
            return new Answer(BAD_REQUEST, "the body cannot be read");
        }
    }

    private Answer switchover(JsonNode body) {
        if (body.hasNonNull("scheduled_at")) {
            return new Answer(BAD_REQUEST, "scheduled switchovers are not supported");
        }
        Situation now = source.now();
        Optional<String> leader = now.leader().map(MemberStatus::pod);
        if (leader.isEmpty()) {
            return new Answer(
                    PRECONDITION_FAILED, "there is no primary to take over from; an election needs no request");
        }
        if (!now.holdsLock()) {
            return new Answer(
                    PRECONDITION_FAILED,
                    "this member is not the primary: ask " + leader.get() + " at "
                            + now.leader().map(ControlRequests::url).orElse(""));
        }
        String named = body.path("leader").asText(leader.get());
        if (!named.equals(leader.get())) {
            return new Answer(PRECONDITION_FAILED, "the primary is " + leader.get() + " and not " + named);
        }
        Optional<String> candidate =
                Optional.of(body.path("candidate").asText("")).filter(text -> !text.isBlank());
        if (candidate.filter(leader.get()::equals).isPresent()) {
            return new Answer(BAD_REQUEST, leader.get() + " is the primary already");
        }
        return submit(new Request.Switchover(id(), candidate));
    }

    private static String url(MemberStatus member) {
        return "http://" + member.address() + ":" + member.apiPort();
    }

    private Answer configure(JsonNode body) {
        if (body.size() != 1 || !body.has("pause")) {
            return new Answer(BAD_REQUEST, "only {\"pause\": true|false} can be changed");
        }
        return submit(new Request.Pause(id(), body.path("pause").asBoolean(false)));
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private Answer submit(Request request) {
        if (!requests.submit(request)) {
            return new Answer(CONFLICT, "another request is being worked on");
        }
        long deadline = System.nanoTime() + WAIT.toNanos();
        while (System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
            Optional<Answer> answer = requests.answerTo(request.id()).flatMap(ControlRequests::ended);
            if (answer.isPresent()) {
                return answer.get();
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return new Answer(ACCEPTED, "it goes on; GET /status shows how far it is");
    }

    private static Optional<Answer> ended(RequestAnswer answer) {
        return switch (answer) {
            case RequestAnswer.Running ignored -> Optional.empty();
            case RequestAnswer.Done(String what) -> Optional.of(new Answer(OK, what));
            case RequestAnswer.Refused(String why) -> Optional.of(new Answer(PRECONDITION_FAILED, why));
            case RequestAnswer.Failed(String why) -> Optional.of(new Answer(UNAVAILABLE, why));
        };
    }
}
