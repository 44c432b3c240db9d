package org.pgpod.haagent.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PromiseRequest;
import org.pgpod.haagent.model.port.PeerPort;

/** Asks the agents of other members over HTTP; every answer is sealed and names the question it belongs to. */
public final class PeerAgents implements PeerPort, AutoCloseable {
    private static final int NONCE_BYTES = 16;
    private static final int ANSWER_CHARS_MAX = 1_024;
    private static final int OK = 200;

    private final AgentHttp http;
    private final AgentAddresses addresses;
    private final ObjectMapper json = new ObjectMapper();
    private final SecureRandom random = new SecureRandom();
    private final PromiseSeal seal;

    /** {@code http} is closed with this. */
    public PeerAgents(PromiseSeal seal, AgentHttp http, AgentAddresses addresses) {
        this.seal = seal;
        this.http = http;
        this.addresses = addresses;
    }

    @Override
    public String nonce() {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public List<MemberName> promises(PromiseRequest request, List<MemberStatus> members, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (MemberStatus member : members) {
            send(request, member, timeout).ifPresent(asked::add);
        }
        List<MemberName> promised = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> answer : asked) {
            await(answer, deadline).flatMap(text -> voter(request, text)).ifPresent(promised::add);
        }
        return promised;
    }

    private Optional<CompletableFuture<HttpResponse<String>>> send(
            PromiseRequest request, MemberStatus member, Duration timeout) {
        try {
            ObjectNode body = json.createObjectNode()
                    .put("cluster", request.cluster())
                    .put("holder", request.holder().toString())
                    .put("epoch", request.epoch().number())
                    .put("nonce", request.nonce())
                    .put("seal", seal.of(PromiseWords.of(request)));
            URI uri = addresses.of(member).resolve(PromiseWords.PATH);
            return Optional.of(http.sendAsync(HttpRequest.newBuilder(uri)
                    .timeout(timeout)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                    .build()));
        } catch (IOException | IllegalArgumentException noSecretOrAddress) {
            // A member that cannot be asked promises nothing.
            return Optional.empty();
        }
    }

    private static Optional<String> await(CompletableFuture<HttpResponse<String>> answer, long deadline) {
        try {
            long left = Math.max(0, deadline - System.nanoTime());
            HttpResponse<String> response = answer.get(left, TimeUnit.NANOSECONDS);
            return Optional.of(response)
                    .filter(given -> given.statusCode() == OK)
                    .map(HttpResponse::body)
                    .filter(body -> body.length() <= ANSWER_CHARS_MAX);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException silent) {
            answer.cancel(true);
            return Optional.empty();
        }
    }

    private Optional<MemberName> voter(PromiseRequest request, String text) {
        try {
            JsonNode body = json.readTree(text);
            String voter = body.path("voter").asText("");
            boolean genuine = seal.fits(body.path("seal").asText(""), PromiseWords.of(request, voter));
            return genuine ? Optional.of(MemberName.parse(voter)) : Optional.empty();
        } catch (JsonProcessingException malformed) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException noSecretOrName) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
