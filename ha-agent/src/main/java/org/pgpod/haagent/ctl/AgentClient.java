package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.client.AgentHttp;
import org.pgpod.haagent.client.AgentTls;

/** The agents of one cluster over REST, found through any one of them. */
final class AgentClient {
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final Duration READ_LIMIT = Duration.ofSeconds(30);

    /** The agent itself answers after a minute that the work goes on. */
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(90);

    private final ObjectMapper json = new ObjectMapper();
    private final AgentHttp http;
    private final URI agent;
    private final Optional<Path> tokenFile;

    AgentClient(URI agent, Optional<Path> tokenFile, Optional<AgentTls> tls) {
        this.agent = agent;
        this.tokenFile = tokenFile;
        this.http = new AgentHttp(tls, READ_LIMIT);
    }

    /** A request that cannot be made, or an answer that makes no sense; the message is for people. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        Refusal(String message) {
            super(message);
        }
    }

    /** What an agent said to a request. */
    record Answer(int status, String text) {
        boolean done() {
            return status == OK || status == ACCEPTED;
        }
    }

    URI agent() {
        return agent;
    }

    /** Where any agent takes requests that change something: not where we were told, if that has TLS elsewhere. */
    URI forRequests() throws Refusal, IOException, InterruptedException {
        if ("https".equals(agent.getScheme())) {
            return agent;
        }
        for (JsonNode member : members()) {
            if ("https".equals(base(member).getScheme())) {
                return base(member);
            }
        }
        return agent;
    }

    JsonNode get(String path) throws Refusal, IOException, InterruptedException {
        return get(agent, path);
    }

    JsonNode get(URI base, String path) throws Refusal, IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(base.resolve(path)).timeout(READ_LIMIT).build());
        if (answer.statusCode() != OK) {
            throw new Refusal(base + " answered " + answer.statusCode() + " to " + path + ": "
                    + answer.body().strip());
        }
        try {
            return json.readTree(answer.body());
        } catch (JsonProcessingException malformed) {
            throw new Refusal(base + " is no agent: its answer to " + path + " is not JSON");
        }
    }

    Answer send(URI base, String method, String path, JsonNode body) throws Refusal, IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(REQUEST_LIMIT)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body.toString()));
        if (tokenFile.isPresent()) {
            request.header("Authorization", "Bearer " + new Credential(tokenFile.get()).read());
        }
        HttpResponse<String> answer = http.send(request.build());
        return new Answer(answer.statusCode(), answer.body().strip());
    }

    List<JsonNode> members() throws Refusal, IOException, InterruptedException {
        List<JsonNode> members = new ArrayList<>();
        get("/cluster").path("members").forEach(members::add);
        return members;
    }

    JsonNode leader() throws Refusal, IOException, InterruptedException {
        for (JsonNode member : members()) {
            if (isLeader(member)) {
                return member;
            }
        }
        throw new Refusal("the cluster has no primary now");
    }

    JsonNode member(String name) throws Refusal, IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        for (JsonNode member : members()) {
            if (name(member).equals(name)) {
                return member;
            }
            names.add(name(member));
        }
        throw new Refusal("there is no member " + name + "; members are " + String.join(", ", names));
    }

    static boolean isLeader(JsonNode member) {
        return List.of("leader", "standby_leader").contains(member.path("role").asText());
    }

    static String name(JsonNode member) {
        return member.path("name").asText();
    }

    static URI base(JsonNode member) {
        return URI.create(member.path("api_url").asText()).resolve("/");
    }
}
