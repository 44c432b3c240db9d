package org.pgpod.wireproxy.standbys;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.pod.BootClock;

/**
 * Keeps {@link Standbys} up to date: asks the agent of this pod who the members are, and each member's own agent how it
 * stands, because what others know of it is seconds old. Confined to the thread that looks.
 */
public final class StandbyWatch {
    /** The pause between two looks. */
    public static final Duration PAUSE = Duration.ofSeconds(1);

    private final Standbys standbys;
    private final Agents agents;
    private final URI ownAgent;
    private final BootClock clock;
    private final Runnable review;
    private List<Member> listed = List.of();

    /** Calls {@code review} after a look by which sessions have to leave their standby. */
    public StandbyWatch(Standbys standbys, Agents agents, URI ownAgent, BootClock clock, Runnable review) {
        this.standbys = standbys;
        this.agents = agents;
        this.ownAgent = ownAgent;
        this.clock = clock;
        this.review = review;
    }

    /** Looks once. */
    public void look() {
        try {
            Optional<AgentAnswer> own = agents.ask(ownAgent);
            own.ifPresent(answer -> listed = answer.members());
            String ownName = own.map(AgentAnswer::member).orElse("");
            Map<String, AgentAnswer> answers = new HashMap<>(agents.ask(listed.stream()
                    .filter(member -> !member.name().equals(ownName))
                    .toList()));
            own.ifPresent(answer -> answers.put(answer.member(), answer));
            long now = clock.nowMillis();
            standbys.update(listed, answers, now);
            if (standbys.all().stream().anyMatch(one -> one.sessions() > 0 && one.isOverAt(now))) {
                review.run();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
