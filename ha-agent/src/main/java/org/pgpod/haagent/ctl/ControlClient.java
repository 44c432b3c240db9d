package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The verbs of {@code pgpod ctl}. Each asks one agent for the cluster, sends the request to the member whose it is, prints
 * what became of it, and returns an exit status: 0 when it was done, 1 when not.
 */
public final class ControlClient {
    public static final int DONE = 0;
    public static final int FAILED = 1;

    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final Duration READ_LIMIT = Duration.ofSeconds(10);

    /** The agent itself answers after a minute that the work goes on. */
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(90);

    private static final double BYTES_PER_MIB = 1_048_576;

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(READ_LIMIT)
            .build();
    private final URI agent;
    private final PrintWriter out;

    /** @param agent the base URL of any agent of the cluster, such as {@code http://127.0.0.1:8008} */
    public ControlClient(URI agent, PrintWriter out) {
        this.agent = agent;
        this.out = out;
    }

    /** A request that cannot be made, or an answer that makes no sense; the message is for people. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        Refusal(String message) {
            super(message);
        }
    }

    private interface Verb {
        int run() throws Refusal, IOException, InterruptedException;
    }

    private int run(Verb verb) {
        try {
            return verb.run();
        } catch (Refusal refused) {
            return fail(refused.getMessage());
        } catch (IOException unreachable) {
            return fail("the agent at " + agent + " cannot be asked: "
                    + (unreachable.getMessage() == null ? unreachable.toString() : unreachable.getMessage()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return fail("interrupted");
        }
    }

    private int fail(@org.jspecify.annotations.Nullable String why) {
        out.println("Error: " + why);
        out.flush();
        return FAILED;
    }

    /** Shows all members: role, state, timeline and lag. */
    public int list() {
        return run(() -> {
            JsonNode cluster = get(agent, "/cluster");
            String systemId =
                    get(agent, "/patroni").path("database_system_identifier").asText("no data yet");
            List<List<String>> rows = new ArrayList<>();
            for (JsonNode member : cluster.path("members")) {
                rows.add(List.of(
                        member.path("name").asText(),
                        member.path("host").asText() + ":" + member.path("port").asText(),
                        capitalized(member.path("role").asText()),
                        member.path("state").asText(),
                        member.path("timeline").asText(""),
                        lag(member.path("lag"))));
            }
            String title = "Cluster: " + cluster.path("scope").asText() + " (" + systemId + ")";
            out.print(
                    new TextTable(title, List.of("Member", "Host", "Role", "State", "TL", "Lag in MB"), rows).render());
            if (cluster.path("pause").asBoolean(false)) {
                out.println(" Maintenance mode: on");
            }
            out.flush();
            return DONE;
        });
    }

    private static String capitalized(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String lag(JsonNode lag) {
        return lag.isNumber() ? Long.toString(Math.round(lag.asLong() / BYTES_PER_MIB)) : lag.asText("");
    }

    /** Shows where each timeline ended. */
    public int history() {
        return run(() -> {
            List<List<String>> rows = new ArrayList<>();
            for (JsonNode entry : get(agent, "/history")) {
                rows.add(List.of(
                        entry.path(0).asText(),
                        entry.path(1).asText(),
                        entry.path(2).asText()));
            }
            out.print(new TextTable("History", List.of("TL", "LSN", "Reason"), rows).render());
            out.flush();
            return DONE;
        });
    }

    /** Hands the primary over in order, to {@code candidate} or to the best standby. */
    public int switchover(Optional<String> leader, Optional<String> candidate) {
        return run(() -> {
            JsonNode primary = leaderOf(get(agent, "/cluster"));
            ObjectNode body = JsonNodeFactory.instance
                    .objectNode()
                    .put("leader", leader.orElse(primary.path("name").asText()));
            candidate.ifPresent(name -> body.put("candidate", name));
            return send(base(primary), "POST", "/switchover", body);
        });
    }

    /** The same asked as patronictl does for a failover: the candidate must be named. */
    public int failover(String candidate) {
        return run(() -> {
            JsonNode primary = leaderOf(get(agent, "/cluster"));
            ObjectNode body = JsonNodeFactory.instance.objectNode().put("candidate", candidate);
            return send(base(primary), "POST", "/failover", body);
        });
    }

    /** Restarts the Postgres of one member. */
    public int restart(String member) {
        return run(() -> send(base(named(member)), "POST", "/restart", JsonNodeFactory.instance.objectNode()));
    }

    /** Throws the copy of one member away and clones it anew. */
    public int reinitialize(String member) {
        return run(() -> send(base(named(member)), "POST", "/reinitialize", JsonNodeFactory.instance.objectNode()));
    }

    /** Suspends automatic actions. */
    public int pause() {
        return setPause(true);
    }

    /** Resumes automatic actions. */
    public int resume() {
        return setPause(false);
    }

    private int setPause(boolean wanted) {
        return run(() -> send(
                base(leaderOf(get(agent, "/cluster"))),
                "PATCH",
                "/config",
                JsonNodeFactory.instance.objectNode().put("pause", wanted)));
    }

    private static JsonNode leaderOf(JsonNode cluster) throws Refusal {
        for (JsonNode member : cluster.path("members")) {
            if (member.path("role").asText().equals("leader")) {
                return member;
            }
        }
        throw new Refusal("the cluster has no primary now");
    }

    private JsonNode named(String name) throws Refusal, IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        for (JsonNode member : get(agent, "/cluster").path("members")) {
            if (member.path("name").asText().equals(name)) {
                return member;
            }
            names.add(member.path("name").asText());
        }
        throw new Refusal("there is no member " + name + "; members are " + String.join(", ", names));
    }

    private static URI base(JsonNode member) {
        return URI.create(member.path("api_url").asText()).resolve("/");
    }

    private JsonNode get(URI base, String path) throws Refusal, IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(base.resolve(path)).timeout(READ_LIMIT).build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != OK) {
            throw new Refusal(base + " answered " + answer.statusCode() + " to " + path);
        }
        try {
            return json.readTree(answer.body());
        } catch (JsonProcessingException malformed) {
            throw new Refusal(base + " is no agent: its answer to " + path + " is not JSON");
        }
    }

    private int send(URI base, String method, String path, ObjectNode body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(REQUEST_LIMIT)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        boolean done = answer.statusCode() == OK || answer.statusCode() == ACCEPTED;
        out.println((done ? "" : "Error: ") + answer.body().strip());
        out.flush();
        return done ? DONE : FAILED;
    }
}
