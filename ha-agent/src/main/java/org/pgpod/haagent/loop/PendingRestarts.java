package org.pgpod.haagent.loop;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.pgpod.core.pod.BootClock;
import org.pgpod.haagent.decide.Maintenance;
import org.pgpod.haagent.decide.Observation;
import org.pgpod.haagent.model.MaintenanceWindow;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.ServerReport;
import org.pgpod.haagent.model.port.PodPort;

/** In the maintenance window, has parameters applied that wait for a restart, when it is this member's turn. Lives in one lane. */
final class PendingRestarts {
    static final Duration INTERVAL = Duration.ofSeconds(2);

    /** Who changes one parameter may be about to change another. */
    static final Duration SETTLED = Duration.ofSeconds(60);

    /** After an attempt, whatever came of it, this member waits for so long. */
    static final Duration PAUSE = Duration.ofMinutes(10);

    private final MaintenanceWindow window;
    private final Requests requests;
    private final PodPort pods;
    private final Supplier<Instant> wallClock;
    private final BootClock clock;
    private final Supplier<Observation> observe;
    private final Supplier<ServerReport> report;

    private SortedMap<String, ServerReport.Change> seen = new TreeMap<>();
    private long seenMillis;
    private Optional<Long> attemptMillis = Optional.empty();
    private Optional<String> begun = Optional.empty();

    PendingRestarts(
            Ports ports,
            MaintenanceWindow window,
            Requests requests,
            Supplier<Observation> observe,
            Supplier<ServerReport> report) {
        this.window = window;
        this.requests = requests;
        this.pods = ports.pods();
        this.wallClock = ports.wallClock();
        this.clock = ports.clock();
        this.observe = observe;
        this.report = report;
    }

    void tick() {
        begun.flatMap(requests::answerTo).ifPresent(this::follow);
        long now = clock.nowMillis();
        ServerReport own = report.get();
        if (!own.pending().equals(seen)) {
            seen = own.pending();
            seenMillis = now;
        }
        boolean due = begun.isEmpty()
                && !seen.isEmpty()
                && now - seenMillis >= SETTLED.toMillis()
                && attemptMillis.filter(last -> now - last < PAUSE.toMillis()).isEmpty()
                && window.contains(wallClock.get());
        if (due) {
            Maintenance.turn(observe.get(), own).ifPresent(this::begin);
        }
    }

    private void begin(Maintenance.Turn turn) {
        String id = UUID.randomUUID().toString();
        Request request = switch (turn) {
            case Maintenance.Turn.Restart ignored -> new Request.Restart(id);
            case Maintenance.Turn.HandOver(String candidate) -> new Request.Switchover(id, Optional.of(candidate));
        };
        if (requests.submit(request)) {
            attemptMillis = Optional.of(clock.nowMillis());
            begun = Optional.of(id);
            pods.event("MaintenanceRestart", "to apply " + String.join(", ", seen.keySet()));
        }
    }

    private void follow(RequestAnswer answer) {
        switch (answer) {
            case RequestAnswer.Running ignored -> {}
            case RequestAnswer.Done ignored -> begun = Optional.empty();
            case RequestAnswer.Refused(String why) -> failed(why);
            case RequestAnswer.Failed(String why) -> failed(why);
        }
    }

    private void failed(String why) {
        begun = Optional.empty();
        pods.warning("MaintenanceRestartFailed", why);
    }
}
