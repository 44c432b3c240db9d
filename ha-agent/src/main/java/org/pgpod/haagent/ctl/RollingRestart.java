package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.pgpod.haagent.ctl.AgentClient.Answer;
import org.pgpod.haagent.ctl.AgentClient.Refusal;

/**
 * Restarts every server of a cluster while it serves: each standby in turn, then a switchover, which restarts the former
 * primary as a standby. It goes on only when a member streams again, and stops at the first that does not, with the
 * cluster as it is then: an ordinary one, in which nothing is left half done.
 */
final class RollingRestart {
    private static final Duration POLL = Duration.ofMillis(500);

    private final AgentClient agents;
    private final Output out;
    private final Duration timeout;

    /** @param timeout how long each member may take to stream again */
    RollingRestart(AgentClient agents, Output out, Duration timeout) {
        this.agents = agents;
        this.out = out;
        this.timeout = timeout;
    }

    int run() throws Refusal, IOException, InterruptedException {
        if (agents.get("/cluster").path("pause").asBoolean(false)) {
            throw new Refusal("the cluster is paused; nothing was restarted");
        }
        JsonNode leader = agents.leader();
        List<JsonNode> standbys = new ArrayList<>();
        for (JsonNode member : agents.members()) {
            if (!AgentClient.isLeader(member)) {
                if (!isStreaming(member)) {
                    throw new Refusal(AgentClient.name(member) + " does not stream; nothing was restarted");
                }
                standbys.add(member);
            }
        }
        for (JsonNode standby : standbys) {
            restart(standby);
            awaitStreaming(standby);
            if (!AgentClient.name(agents.leader()).equals(AgentClient.name(leader))) {
                throw new Refusal("the primary has moved meanwhile; look at the cluster and begin anew");
            }
        }
        if (standbys.isEmpty()) {
            restart(leader);
        } else {
            handOver(leader);
            awaitStreaming(leader);
        }
        out.line("every member was restarted");
        return ControlClient.DONE;
    }

    private void restart(JsonNode member) throws Refusal, IOException, InterruptedException {
        tell(member, agents.send(AgentClient.base(member), "POST", "/restart", ControlClient.object()));
    }

    private void handOver(JsonNode leader) throws Refusal, IOException, InterruptedException {
        Answer answer = agents.send(
                AgentClient.base(leader),
                "POST",
                "/switchover",
                ControlClient.object().put("leader", AgentClient.name(leader)));
        tell(leader, answer);
        await(
                "the primary is still on " + AgentClient.name(leader),
                () -> agents.members().stream()
                        .anyMatch(member -> AgentClient.isLeader(member)
                                && !AgentClient.name(member).equals(AgentClient.name(leader))));
    }

    private void tell(JsonNode member, Answer answer) throws Refusal {
        String line = AgentClient.name(member) + ": " + answer.text();
        if (!answer.done()) {
            throw new Refusal(line);
        }
        out.line(line);
    }

    private void awaitStreaming(JsonNode member) throws Refusal, IOException, InterruptedException {
        await(AgentClient.name(member) + " does not stream", () -> isStreaming(member));
    }

    /** What the member itself says: the others hear of it with a delay. */
    private boolean isStreaming(JsonNode member) throws InterruptedException {
        try {
            return agents.get(AgentClient.base(member), "/patroni")
                    .path("replication_state")
                    .asText()
                    .equals("streaming");
        } catch (IOException | Refusal silent) {
            return false;
        }
    }

    private void await(String otherwise, Callable<Boolean> condition) throws Refusal, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() >= deadline) {
                throw new Refusal(otherwise + " after " + timeout.toSeconds() + " s; the others were left alone");
            }
            Thread.sleep(POLL);
        }
    }

    /** An agent that cannot be asked now may be asked later. */
    private static boolean holds(Callable<Boolean> condition) throws InterruptedException {
        try {
            return condition.call();
        } catch (InterruptedException interrupted) {
            throw interrupted;
        } catch (Exception notNow) {
            return false;
        }
    }
}
