package org.pgpod.image.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Talks to the administrative ports of the pods. */
final class AgentStatus implements AutoCloseable {
    static final int AGENT_PORT = 8008;

    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LIMIT)
            .build();

    /** The agent's {@code /status}; empty while it does not answer. */
    Optional<JsonNode> of(String address) throws InterruptedException {
        try {
            HttpResponse<String> response = get("http://" + address + ":" + AGENT_PORT + "/status");
            return Optional.of(JSON.readTree(response.body()));
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url)).timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A request that changes something, with the token for it. */
    HttpResponse<String> post(String url, String token, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        http.close();
    }
}
