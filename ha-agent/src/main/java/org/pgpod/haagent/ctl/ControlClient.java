package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.pgpod.haagent.client.AgentTls;
import org.pgpod.haagent.ctl.AgentClient.Answer;
import org.pgpod.haagent.ctl.AgentClient.Refusal;

/**
 * The verbs of {@code pgpod ctl}. Each asks one agent for the cluster, sends the request to the member whose it is, prints
 * what became of it, and returns an exit status: 0 when it was done, 1 when not.
 */
public final class ControlClient {
    public static final int DONE = 0;
    public static final int FAILED = 1;

    private final AgentClient agents;
    private final Output out;

    /**
     * @param agent the base URL of any agent of the cluster, such as {@code http://127.0.0.1:8008}
     * @param tokenFile the token to present with what changes something
     * @param json whether results are JSON or YAML; empty for tables
     */
    public ControlClient(URI agent, Optional<Path> tokenFile, PrintWriter out, Optional<Document> json) {
        this(agent, tokenFile, Optional.empty(), out, json);
    }

    /** The same with the certificates by which agents are verified, and that are shown to them. */
    public ControlClient(
            URI agent, Optional<Path> tokenFile, Optional<AgentTls> tls, PrintWriter out, Optional<Document> json) {
        this.agents = new AgentClient(agent, tokenFile, tls);
        this.out = new Output(
                out,
                json.map(kind -> kind == Document.JSON ? Output.Format.JSON : Output.Format.YAML)
                        .orElse(Output.Format.TABLE));
    }

    /** The form of results for programs. */
    public enum Document {
        JSON,
        YAML
    }

    /** One thing to do. */
    interface Verb {
        int run() throws Refusal, IOException, InterruptedException;
    }

    int run(Verb verb) {
        try {
            return verb.run();
        } catch (Refusal refused) {
            return fail(String.valueOf(refused.getMessage()));
        } catch (SSLException unverified) {
            return fail(
                    "an agent is not trusted, or does not trust us (see --certificates): " + unverified.getMessage());
        } catch (IOException unreachable) {
            return fail("the agent at " + agents.agent() + " cannot be asked: "
                    + (unreachable.getMessage() == null ? unreachable.toString() : unreachable.getMessage()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return fail("interrupted");
        }
    }

    private int fail(String why) {
        out.line("Error: " + why);
        return FAILED;
    }

    private int tell(Answer answer) {
        out.line((answer.done() ? "" : "Error: ") + answer.text());
        return answer.done() ? DONE : FAILED;
    }

    /** Shows all members: role, state, timeline and lag. */
    public int list() {
        return run(() -> new MemberList(agents, out).show(MemberList.Shape.FLAT));
    }

    /** The same, standbys under the member they follow. */
    public int topology() {
        return run(() -> new MemberList(agents, out).show(MemberList.Shape.TREE));
    }

    /** Shows where each timeline ended, and whose the next one was. */
    public int history() {
        return run(() -> {
            JsonNode history = agents.get("/history");
            List<List<String>> rows = new java.util.ArrayList<>();
            for (JsonNode entry : history) {
                rows.add(List.of(
                        entry.path(0).asText(),
                        entry.path(1).asText(),
                        entry.path(2).asText(),
                        entry.path(3).asText(""),
                        entry.path(4).asText("")));
            }
            out.table("History", List.of("TL", "LSN", "Reason", "Timestamp", "New Leader"), rows);
            return DONE;
        });
    }

    /** Where the primary, or a member, takes clients. */
    public int dsn(Optional<String> member) {
        return run(() -> {
            JsonNode found = member.isPresent() ? agents.member(member.get()) : agents.leader();
            if (out.isTable()) {
                out.line("host=" + found.path("host").asText() + " port="
                        + found.path("port").asText());
            } else {
                ObjectNode document = object();
                document.set("host", found.path("host"));
                document.set("port", found.path("port"));
                out.document(document);
            }
            return DONE;
        });
    }

    /** The versions of every member. */
    public int version() {
        return run(() -> {
            List<List<String>> rows = new java.util.ArrayList<>();
            for (JsonNode member : agents.members()) {
                JsonNode said = agents.get(AgentClient.base(member), "/status");
                rows.add(List.of(
                        AgentClient.name(member),
                        said.path("agent").asText(""),
                        said.path("postgres").asText("")));
            }
            out.table("Versions", List.of("Member", "pgpod", "Postgres"), rows);
            return DONE;
        });
    }

    /** Hands the primary over in order, to {@code candidate} or to the best standby, now or at {@code scheduled}. */
    public int switchover(Optional<String> leader, Optional<String> candidate, Optional<String> scheduled) {
        return run(() -> {
            ObjectNode body = object();
            leader.ifPresent(name -> body.put("leader", name));
            candidate.ifPresent(name -> body.put("candidate", name));
            scheduled.ifPresent(time -> body.put("scheduled_at", time));
            return tell(agents.send(AgentClient.base(agents.leader()), "POST", "/switchover", body));
        });
    }

    /** Cancels a switchover that is planned. */
    public int cancelSwitchover() {
        return run(() -> tell(agents.send(agents.forRequests(), "DELETE", "/switchover", object())));
    }

    /** The same asked as patronictl does for a failover: the candidate must be named. */
    public int failover(String candidate) {
        return run(() -> tell(agents.send(
                AgentClient.base(agents.leader()), "POST", "/failover", object().put("candidate", candidate))));
    }

    /**
     * Has {@code candidate} take a cluster over that elects nobody, and lose what it lacks.
     *
     * @param leaseVersion the version of the leader Lease that the person looked at
     */
    public int failoverWithLoss(String candidate, String leaseVersion) {
        return run(() -> tell(agents.send(
                AgentClient.base(agents.member(candidate)),
                "POST",
                "/failover",
                object().put("candidate", candidate)
                        .put("accept_data_loss", true)
                        .put("lease_version", leaseVersion))));
    }

    /** Restarts the Postgres of the named members, or of all. */
    public int restart(List<String> members, RestartWish wish) {
        return run(() -> new RestartVerb(agents, out).run(members, wish));
    }

    /** Restarts all servers while the cluster serves; each may take {@code timeout} to stream again. */
    public int rollingRestart(Duration timeout) {
        return run(() -> new RollingRestart(agents, out, timeout).run());
    }

    /** Cancels the restarts that are planned for the named members, or for all. */
    public int cancelRestarts(List<String> members) {
        return run(() -> {
            for (String name : members) {
                agents.member(name);
            }
            int status = DONE;
            for (JsonNode member : agents.members()) {
                boolean named = members.isEmpty() || members.contains(AgentClient.name(member));
                if (named && member.has("scheduled_restart")) {
                    Answer answer = agents.send(AgentClient.base(member), "DELETE", "/restart", object());
                    out.line((answer.done() ? "" : "Error: ") + AgentClient.name(member) + ": " + answer.text());
                    status = answer.done() ? status : FAILED;
                } else if (named) {
                    out.line(AgentClient.name(member) + ": no restart is planned");
                }
            }
            return status;
        });
    }

    /** Has the configuration loaded anew by the named members, or by all. */
    public int reload(List<String> members) {
        return run(() -> {
            int status = DONE;
            for (JsonNode member : agents.members()) {
                if (members.isEmpty() || members.contains(AgentClient.name(member))) {
                    Answer answer = agents.send(AgentClient.base(member), "POST", "/reload", object());
                    out.line(AgentClient.name(member) + ": " + answer.text());
                    status = answer.done() ? status : FAILED;
                }
            }
            for (String name : members) {
                agents.member(name);
            }
            return status;
        });
    }

    /** Throws the copy of one member away and clones it anew. */
    public int reinitialize(String member) {
        return run(() -> tell(agents.send(AgentClient.base(agents.member(member)), "POST", "/reinitialize", object())));
    }

    /** Has the cluster forget a member that is gone. */
    public int remove(String member) {
        return run(() -> {
            agents.member(member);
            return tell(agents.send(agents.forRequests(), "POST", "/remove", object().put("member", member)));
        });
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
        return run(() -> tell(
                agents.send(AgentClient.base(agents.leader()), "PATCH", "/config", object().put("pause", wanted))));
    }

    /** Shows the cluster's dynamic configuration. */
    public int showConfig() {
        return run(() -> {
            out.document(agents.get("/config"));
            return DONE;
        });
    }

    /** Merges settings into the cluster's dynamic configuration; a value of {@code null} removes. */
    public int editConfig(Map<String, String> settings, Map<String, String> parameters) {
        return run(() ->
                told(agents.send(agents.forRequests(), "PATCH", "/config", ConfigPatch.of(settings, parameters))));
    }

    /** Merges a document into the cluster's dynamic configuration. */
    public int applyConfig(String text) {
        return run(() -> told(agents.send(agents.forRequests(), "PATCH", "/config", ConfigPatch.parse(text))));
    }

    /** Replaces the cluster's dynamic configuration. */
    public int replaceConfig(String text) {
        return run(() -> told(agents.send(agents.forRequests(), "PUT", "/config", ConfigPatch.parse(text))));
    }

    /** The cluster's dynamic configuration as text to edit; empty, and the error told, when it cannot be had. */
    public Optional<String> configText() {
        java.util.concurrent.atomic.AtomicReference<String> text = new java.util.concurrent.atomic.AtomicReference<>();
        run(() -> {
            ObjectNode document = (ObjectNode) agents.get("/config");
            document.remove("pause");
            text.set(ConfigPatch.format(document));
            return DONE;
        });
        return Optional.ofNullable(text.get());
    }

    private int told(Answer answer) {
        out.line(answer.done() ? "configuration changed" : "Error: " + answer.text());
        return answer.done() ? DONE : FAILED;
    }

    /** Runs SQL on one member and shows its rows. */
    public int query(QueryWish wish) {
        return run(() -> new QueryVerb(agents, out).run(wish));
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
