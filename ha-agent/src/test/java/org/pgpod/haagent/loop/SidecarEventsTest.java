package org.pgpod.haagent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.HealthReport;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Reading;

class SidecarEventsTest {
    /** Writes Events down, a warning with an exclamation mark. */
    private static final class Notebook implements PodPort {
        private final List<String> events = new ArrayList<>();

        @Override
        public Effect label(Map<String, RoleLabel> roles, Duration timeout) {
            return new Effect.Unchanged();
        }

        @Override
        public Reading<Boolean> exists(String pod, Duration timeout) {
            return Reading.of(true);
        }

        @Override
        public void event(String reason, String message) {
            events.add(reason);
        }

        @Override
        public void warning(String reason, String message) {
            events.add(reason + "! " + message);
        }
    }

    private static final class Clock implements BootClock {
        private long millis = 1_000_000;

        @Override
        public long nowMillis() {
            return millis;
        }

        @Override
        public String bootId() {
            return "b00t";
        }
    }

    private final Notebook notebook = new Notebook();
    private final Clock clock = new Clock();
    private final Map<String, HealthReport> reports = new TreeMap<>();
    private Optional<String> digest = Optional.empty();
    private final SidecarEvents events = new SidecarEvents(() -> reports, () -> digest, notebook, clock);

    private void says(String sidecar, boolean live, boolean ready, String reason) {
        reports.put(sidecar, new HealthReport("b00t", clock.nowMillis(), live, ready, reason));
    }

    /** Lets time pass while {@code sidecar} says the same again and again. */
    private void keepsSaying(String sidecar, boolean live, boolean ready, Duration time) {
        for (long passed = 0; passed <= time.toSeconds(); passed += 5) {
            says(sidecar, live, ready, "the store is away");
            events.tick();
            clock.millis += 5_000;
        }
    }

    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void oneThatIsFoundWellIsNoNews() {
        keepsSaying("log-shipper", true, true, LONG);
        assertThat(notebook.events).isEmpty();
    }

    @Test
    void aChangeThatLastsIsToldOnceEachWay() {
        keepsSaying("log-shipper", true, true, LONG);
        keepsSaying("log-shipper", true, false, LONG);
        keepsSaying("log-shipper", true, true, LONG);
        assertThat(notebook.events)
                .containsExactly(
                        "LogShipperNotReady! log-shipper does not do its job: the store is away", "LogShipperReady");
    }

    @Test
    void aChangeOfAMomentIsNoNews() {
        keepsSaying("wire-proxy", true, true, LONG);
        keepsSaying("wire-proxy", true, false, Duration.ofSeconds(5));
        keepsSaying("wire-proxy", true, true, LONG);
        assertThat(notebook.events).isEmpty();
    }

    @Test
    void oneThatNeedsARestartAndOneThatIsSilentAreTold() {
        keepsSaying("exporter", false, false, LONG);
        keepsSaying("wire-proxy", true, true, LONG);
        for (int tick = 0; tick < 12; tick++) {
            events.tick();
            clock.millis += 5_000;
        }
        assertThat(notebook.events.getFirst()).startsWith("ExporterNotLive! ");
        assertThat(notebook.events)
                .filteredOn(event -> event.startsWith("WireProxySilent! "))
                .hasSize(1);
    }

    @Test
    void oneThatEndedInOrderIsForgotten() {
        keepsSaying("exporter", true, false, LONG);
        reports.clear();
        events.tick();
        keepsSaying("exporter", true, true, LONG);
        assertThat(notebook.events).hasSize(1);
    }

    @Test
    void theAgentTellsItsOwnStateElsewhere() {
        keepsSaying("ha-agent", true, false, LONG);
        assertThat(notebook.events).isEmpty();
    }

    @Test
    void anotherSetOfExtensionsIsTold() {
        digest = Optional.of("sha256:1");
        events.tick();
        digest = Optional.of("sha256:2");
        events.tick();
        events.tick();
        assertThat(notebook.events).containsExactly("ExtensionsChanged");
    }
}
