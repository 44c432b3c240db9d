package org.pgpod.extensionloader.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.extensionloader.model.ClusterLibraries;

/** Asks the pod's own ha-agent, over {@code GET /status}, for its role and for every member's libraries. */
public final class AgentStatus implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final URI address;

    public AgentStatus(URI address) {
        this.address = address;
    }

    /** The answer now; an {@link IOException} if there is none or it is not understood. */
    public ClusterLibraries read() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address).timeout(TIMEOUT).build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException(address + " answers " + response.statusCode());
            }
            byte[] bytes = body.readNBytes(ANSWER_BYTES_MAX + 1);
            if (bytes.length > ANSWER_BYTES_MAX) {
                throw new IOException(address + " answers more than " + ANSWER_BYTES_MAX + " bytes");
            }
            return parse(json.readTree(bytes));
        }
    }

    private static ClusterLibraries parse(JsonNode status) {
        List<ClusterLibraries.Member> members = new ArrayList<>();
        for (JsonNode member : status.path("members")) {
            Optional<String> libraries =
                    Optional.ofNullable(member.path("libraries").textValue());
            members.add(new ClusterLibraries.Member(member.path("name").asText("?"), libraries));
        }
        return new ClusterLibraries(status.path("role").asText("none"), members);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
