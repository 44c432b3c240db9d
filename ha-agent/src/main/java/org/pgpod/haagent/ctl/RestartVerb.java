package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.ctl.AgentClient.Answer;
import org.pgpod.haagent.ctl.AgentClient.Refusal;

/**
 * Restarts members one after the other, the primary last. Where only pending ones are wanted, it goes on until nobody has
 * anything pending: a parameter that standbys depend on becomes pending on one side only when the other has it.
 */
final class RestartVerb {
    private static final int ROUNDS_MAX = 20;
    private static final Duration SETTLING = Duration.ofSeconds(12);
    private static final Duration POLL = Duration.ofMillis(500);

    private final AgentClient agents;
    private final Output out;

    RestartVerb(AgentClient agents, Output out) {
        this.agents = agents;
        this.out = out;
    }

    int run(List<String> names, RestartWish wish) throws Refusal, IOException, InterruptedException {
        for (String name : names) {
            agents.member(name);
        }
        if (!wish.pending() || wish.scheduled().isPresent()) {
            int status = ControlClient.DONE;
            for (JsonNode member : chosen(names, wish)) {
                status = Math.max(status, restart(member, wish));
            }
            return status;
        }
        boolean any = false;
        for (int round = 0; round < ROUNDS_MAX; round++) {
            Optional<JsonNode> next = awaitPending(names, wish);
            if (next.isEmpty()) {
                out.line(any ? "no restart is pending any more" : "no restart is pending");
                return ControlClient.DONE;
            }
            any = true;
            if (restart(next.get(), wish) != ControlClient.DONE) {
                return ControlClient.FAILED;
            }
        }
        out.line("Error: restarts are still pending after " + ROUNDS_MAX + " of them");
        return ControlClient.FAILED;
    }

    /** Standbys before the primary, which serves for as long as possible with what they have. */
    private List<JsonNode> chosen(List<String> names, RestartWish wish)
            throws Refusal, IOException, InterruptedException {
        List<JsonNode> standbys = new ArrayList<>();
        List<JsonNode> leaders = new ArrayList<>();
        for (JsonNode member : agents.members()) {
            boolean named = names.isEmpty() || names.contains(AgentClient.name(member));
            boolean leads = AgentClient.isLeader(member);
            boolean ofRole = wish.role().isEmpty() || wish.role().get().equals("primary") == leads;
            if (named && ofRole) {
                (leads ? leaders : standbys).add(member);
            }
        }
        standbys.addAll(leaders);
        return standbys;
    }

    /** The first member with something pending; waits a while for one, for members tell of it with a delay. */
    private Optional<JsonNode> awaitPending(List<String> names, RestartWish wish)
            throws Refusal, IOException, InterruptedException {
        long deadline = System.nanoTime() + SETTLING.toNanos();
        while (true) {
            for (JsonNode member : chosen(names, wish)) {
                if (agents.get(AgentClient.base(member), "/patroni")
                        .path("pending_restart")
                        .asBoolean(false)) {
                    return Optional.of(member);
                }
            }
            if (System.nanoTime() >= deadline) {
                return Optional.empty();
            }
            Thread.sleep(POLL);
        }
    }

    private int restart(JsonNode member, RestartWish wish) throws Refusal, IOException, InterruptedException {
        Answer answer = agents.send(AgentClient.base(member), "POST", "/restart", wish.body());
        out.line((answer.done() ? "" : "Error: ") + AgentClient.name(member) + ": " + answer.text());
        return answer.done() ? ControlClient.DONE : ControlClient.FAILED;
    }
}
