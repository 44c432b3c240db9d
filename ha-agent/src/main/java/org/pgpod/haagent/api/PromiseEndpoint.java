package org.pgpod.haagent.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.client.PromiseSeal;
import org.pgpod.haagent.client.PromiseWords;
import org.pgpod.haagent.loop.AgentLoop;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.PromiseAnswer;
import org.pgpod.haagent.model.PromiseRequest;

/** {@code POST /promise}: other agents only, proved by a seal; each nonce is good once. */
public final class PromiseEndpoint {
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int CONFLICT = 409;
    private static final int BODY_BYTES_MAX = 4_096;
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final int NONCES_MAX = 256;

    private final ObjectMapper json = new ObjectMapper();
    private final PromiseSeal seal;
    private final AgentLoop loop;

    // Guarded by itself.
    private final Set<String> used = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > NONCES_MAX;
        }
    });

    public PromiseEndpoint(PromiseSeal seal, AgentLoop loop) {
        this.seal = seal;
        this.loop = loop;
    }

    public void serve(AdminServer server) {
        server.handle(PromiseWords.PATH, this::answer);
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            AdminServer.answer(exchange, METHOD_NOT_ALLOWED, "only POST\n");
            return;
        }
        byte[] bytes = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
        if (bytes.length > BODY_BYTES_MAX) {
            AdminServer.answer(exchange, BAD_REQUEST, "the body is longer than " + BODY_BYTES_MAX + " bytes\n");
            return;
        }
        try {
            JsonNode body = json.readTree(new String(bytes, StandardCharsets.UTF_8));
            PromiseRequest request = new PromiseRequest(
                    body.path("cluster").asText(""),
                    Holder.parse(body.path("holder").asText(""))
                            .orElseThrow(() -> new IllegalArgumentException("holder must be <pod>/<uid>")),
                    new Epoch(body.path("epoch").asLong(-1)),
                    body.path("nonce").asText(""));
            if (!isGenuine(request, body.path("seal").asText(""))) {
                AdminServer.answer(exchange, FORBIDDEN, "only members of the cluster are promised anything, once\n");
                return;
            }
            answer(exchange, request);
        } catch (JsonProcessingException malformed) {
            AdminServer.answer(exchange, BAD_REQUEST, "the body is not JSON\n");
        } catch (IllegalArgumentException malformed) {
            AdminServer.answer(exchange, BAD_REQUEST, malformed.getMessage() + "\n");
        }
    }

    private boolean isGenuine(PromiseRequest request, String given) throws IOException {
        if (request.nonce().isEmpty() || !seal.fits(given, PromiseWords.of(request))) {
            return false;
        }
        synchronized (used) {
            return used.add(request.nonce());
        }
    }

    private static PromiseAnswer await(Future<PromiseAnswer> answer) {
        try {
            return answer.get(WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new PromiseAnswer.Refused("interrupted");
        } catch (ExecutionException | TimeoutException busy) {
            return new PromiseAnswer.Refused("this agent is busy");
        }
    }

    private void answer(HttpExchange exchange, PromiseRequest request) throws IOException {
        switch (await(loop.promise(request))) {
            case PromiseAnswer.Promised promised -> {
                String voter = promised.voter().toString();
                AdminServer.answerJson(
                        exchange,
                        OK,
                        json.createObjectNode()
                                .put("voter", voter)
                                .put("seal", seal.of(PromiseWords.of(request, voter)))
                                .toString());
            }
            case PromiseAnswer.Refused refused -> AdminServer.answer(exchange, CONFLICT, refused.why() + "\n");
        }
    }
}
