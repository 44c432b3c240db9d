package org.pgpod.haagent.act;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.model.Hook;

/** Makes one HTTP request; its headers are read from their files and never told. */
final class HookHttp implements HookRunner.Attempt {
    private final Hook.Work.Http http;
    private final String event;
    private final Duration timeout;
    private final Map<String, String> words;
    private final HttpClient client;

    HookHttp(Hook.Work.Http http, String event, Duration timeout, Map<String, String> words) {
        this.http = http;
        this.event = event;
        this.timeout = timeout;
        this.words = words;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
    }

    @Override
    public String run() throws IOException, InterruptedException {
        HttpRequest.BodyPublisher body = http.body()
                .map(this::filled)
                .map(HttpRequest.BodyPublishers::ofString)
                .orElseGet(HttpRequest.BodyPublishers::noBody);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(http.url()))
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .method(http.method(), body);
        for (Map.Entry<String, String> header : http.headerFiles().entrySet()) {
            request.setHeader(header.getKey(), new Credential(Path.of(header.getValue())).read());
        }
        int status = client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
        if (!http.expected().contains(status)) {
            throw new IOException(http.url() + " answered " + status);
        }
        return http.url() + " answered " + status;
    }

    /** With what happened, and to whom, in the place of {@code ${PGPOD_EVENT}} and its like. */
    private String filled(String text) {
        String filled = text.replace("${PGPOD_EVENT}", event);
        for (Map.Entry<String, String> word : words.entrySet()) {
            filled = filled.replace("${" + word.getKey() + "}", word.getValue());
        }
        return filled;
    }

    @Override
    public void end() {
        client.shutdownNow();
    }
}
