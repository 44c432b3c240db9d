package org.pgpod.haagent.loop;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.pgpod.core.pod.BootClock;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.PlannedRestart;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.RestartTerms;
import org.pgpod.haagent.model.ServerReport;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.PodPort;

/** Restarts the local server when it was planned, and tells by Events what became of it. Lives in one lane. */
final class PlannedRestarts {
    /** Later than this after its time a planned restart is not carried out any more. */
    private static final Duration LATE = Duration.ofSeconds(60);

    private static final String DROPPED = "RestartDropped";

    private final ConfigMapPort configMap;
    private final PodPort pods;
    private final Requests requests;
    private final Supplier<Instant> wallClock;
    private final BootClock clock;
    private final String self;
    private final Duration timeout;

    /** The restart under way and when it counts as late; 0 for never. */
    private record Begun(String requestId, long deadlineMillis) {}

    private Optional<Begun> begun = Optional.empty();

    PlannedRestarts(Ports ports, Requests requests, String self, Duration timeout) {
        this.configMap = ports.configMap();
        this.pods = ports.pods();
        this.wallClock = ports.wallClock();
        this.clock = ports.clock();
        this.requests = requests;
        this.self = self;
        this.timeout = timeout;
    }

    /** True when the ConfigMap was to be written; at most once for each call. */
    boolean tick(ConfigMapView view, Facts facts, ServerReport report) {
        follow();
        Optional<String> text = PlannedRestart.text(view, self);
        if (text.isEmpty()) {
            return false;
        }
        Optional<PlannedRestart> plan = PlannedRestart.parse(text.get()).valid();
        Instant now = wallClock.get();
        if (plan.isPresent() && now.isBefore(plan.get().at())) {
            return false;
        }
        // Whatever becomes of it, it is done once: the entry goes first.
        if (!(configMap.write(PlannedRestart.put(view, self, Optional.empty()), timeout)
                instanceof ConfigMapPort.Write.Stored)) {
            return true;
        }
        if (plan.isEmpty()) {
            pods.event(DROPPED, "the entry of the ConfigMap was not readable: " + text.get());
        } else if (now.isAfter(plan.get().at().plus(LATE))) {
            pods.event(DROPPED, "its time, " + plan.get().at() + ", has passed");
        } else {
            plan.get()
                    .terms()
                    .unmet(server(facts, report))
                    .ifPresentOrElse(why -> pods.event(DROPPED, why), () -> begin(plan.get()));
        }
        return true;
    }

    private RestartTerms.Server server(Facts facts, ServerReport report) {
        Optional<DatabaseFacts> database = facts.local().database().known();
        return new RestartTerms.Server(
                facts.term().filter(term -> term.openAt(clock.nowMillis())).isPresent(),
                database.filter(DatabaseFacts::inRecovery).isPresent(),
                database.map(DatabaseFacts::version),
                !report.pending().isEmpty()
                        || database.filter(DatabaseFacts::pendingRestart).isPresent());
    }

    private void begin(PlannedRestart plan) {
        String id = UUID.randomUUID().toString();
        if (!requests.submit(new Request.Restart(id))) {
            pods.event(DROPPED, "another request was being worked on");
            return;
        }
        long limit = plan.terms().timeout().map(Duration::toMillis).orElse(0L);
        begun = Optional.of(new Begun(id, limit == 0 ? 0 : clock.nowMillis() + limit));
    }

    private void follow() {
        if (begun.isEmpty()) {
            return;
        }
        Begun restart = begun.get();
        switch (requests.answerTo(restart.requestId()).orElse(new RequestAnswer.Refused("it was forgotten"))) {
            case RequestAnswer.Done ignored -> end("RestartDone", "the planned restart is done");
            case RequestAnswer.Refused(String why) -> end(DROPPED, why);
            case RequestAnswer.Failed(String why) -> end("RestartFailed", why);
            case RequestAnswer.Running ignored -> {
                if (restart.deadlineMillis() != 0 && clock.nowMillis() > restart.deadlineMillis()) {
                    begun = Optional.of(new Begun(restart.requestId(), 0));
                    pods.event("RestartLate", "the planned restart is not done within its timeout; it goes on");
                }
            }
        }
    }

    private void end(String reason, String message) {
        begun = Optional.empty();
        pods.event(reason, message);
    }
}
