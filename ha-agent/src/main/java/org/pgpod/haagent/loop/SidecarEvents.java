package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.HealthReport;
import org.pgpod.haagent.model.port.LibraryPort;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Scheduler;
import org.pgpod.haagent.model.port.SidecarPort;

/**
 * Tells the Events of the other sidecars, which have no rights in the API: {@code <Sidecar>Ready}, {@code NotReady},
 * {@code NotLive} and {@code Silent} when that state has lasted for {@link #STEADY}, and {@code ExtensionsChanged}. Nothing
 * is told of a sidecar that is found well, nor when one ends in order. Nothing is decided by any of it.
 */
public final class SidecarEvents {
    static final Duration INTERVAL = Duration.ofSeconds(5);

    /** A pause of a moment, as in a switchover, is no news. */
    static final Duration STEADY = Duration.ofSeconds(10);

    /** Older reports are those of a process that hangs or died. */
    static final Duration SILENT = Duration.ofSeconds(30);

    private static final String SELF = "ha-agent";

    private enum State {
        READY("Ready"),
        NOT_READY("NotReady"),
        NOT_LIVE("NotLive"),
        SILENT("Silent");

        private final String text;

        State(String text) {
            this.text = text;
        }
    }

    /** A state with the time at which it was first seen. */
    private record Held(State state, long sinceMillis) {}

    private final SidecarPort sidecars;
    private final LibraryPort libraries;
    private final PodPort pods;
    private final BootClock clock;

    // Only one lane touches these.
    private final Map<String, Held> held = new HashMap<>();
    private final Map<String, State> told = new HashMap<>();
    private Optional<String> digest = Optional.empty();

    public SidecarEvents(SidecarPort sidecars, LibraryPort libraries, PodPort pods, BootClock clock) {
        this.sidecars = sidecars;
        this.libraries = libraries;
        this.pods = pods;
        this.clock = clock;
    }

    /** Looks at the sidecars from now on, in a lane where nothing waits for it. */
    public void start(Scheduler scheduler) {
        scheduler.every(Scheduler.Lane.CONFIGURATION, INTERVAL, this::tick);
    }

    void tick() {
        Map<String, HealthReport> reports = new HashMap<>(sidecars.reports());
        reports.remove(SELF);
        held.keySet().retainAll(reports.keySet());
        told.keySet().retainAll(reports.keySet());
        reports.forEach(this::look);
        Optional<String> now = libraries.digest();
        if (now.isPresent() && !now.equals(digest)) {
            if (digest.isPresent()) {
                pods.event("ExtensionsChanged", "the extensions that this pod can load are now " + now.get());
            }
            digest = now;
        }
    }

    private void look(String name, HealthReport report) {
        long now = clock.nowMillis();
        State state = state(report, now);
        Held since = Optional.ofNullable(held.get(name))
                .filter(before -> before.state() == state)
                .orElse(new Held(state, now));
        held.put(name, since);
        if (now - since.sinceMillis() < STEADY.toMillis() || told.get(name) == state) {
            return;
        }
        boolean first = !told.containsKey(name);
        told.put(name, state);
        if (state != State.READY) {
            pods.warning(camelCase(name) + state.text, note(name, state, report));
        } else if (!first) {
            pods.event(camelCase(name) + state.text, note(name, state, report));
        }
    }

    private static State state(HealthReport report, long now) {
        if (now - report.atMillis() > SILENT.toMillis()) {
            return State.SILENT;
        }
        if (!report.live()) {
            return State.NOT_LIVE;
        }
        return report.ready() ? State.READY : State.NOT_READY;
    }

    private static String note(String name, State state, HealthReport report) {
        return switch (state) {
            case READY -> name + " does its job again";
            case NOT_READY -> name + " does not do its job: " + report.reason();
            case NOT_LIVE -> name + " needs a restart: " + report.reason();
            case SILENT -> name + " has said nothing for " + SILENT.toSeconds() + " s: its process hangs or died";
        };
    }

    private static String camelCase(String name) {
        StringBuilder words = new StringBuilder();
        for (String word : name.split("-", -1)) {
            words.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
        }
        return words.toString();
    }
}
