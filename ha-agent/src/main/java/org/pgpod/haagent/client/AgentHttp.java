package org.pgpod.haagent.client;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Asks agents over HTTP/1.1, and over TLS where their address says so; without certificates of ours no https is good. */
public final class AgentHttp implements AutoCloseable {
    private final HttpClient http;

    /** {@code connectLimit} bounds the part before the request is sent, each request says how long it may take itself. */
    public AgentHttp(Optional<AgentTls> tls, Duration connectLimit) {
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(connectLimit);
        tls.ifPresent(given -> builder.sslContext(given.context()));
        this.http = builder.build();
    }

    public HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    public CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest request) {
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
