package org.pgpod.haagent.loop;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.HistoryLog;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.PlannedSwitchover;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.PodPort;

/**
 * What the primary does with the entries of the cluster's ConfigMap besides the configuration: notes when it became the
 * primary, and carries out a switchover that was planned. At most one write for each call.
 */
final class PrimaryEntries {
    /** Later than this after its time a planned switchover is not carried out any more. */
    private static final Duration LATE = Duration.ofSeconds(60);

    private final ConfigMapPort configMap;
    private final PodPort pods;
    private final Requests requests;
    private final Supplier<Instant> wallClock;
    private final String self;
    private final Duration timeout;

    PrimaryEntries(Ports ports, Requests requests, String self, Duration timeout) {
        this.configMap = ports.configMap();
        this.pods = ports.pods();
        this.wallClock = ports.wallClock();
        this.requests = requests;
        this.self = self;
        this.timeout = timeout;
    }

    void tick(ConfigMapView view, Facts facts, long nowMillis) {
        Optional<ClusterRecord> record = facts.lease()
                .known()
                .flatMap(LeaseSighting::view)
                .map(LeaseView::record)
                .flatMap(Parsed::valid)
                .filter(known -> known.phase() == ClusterRecord.Phase.PRIMARY);
        boolean serving = facts.term().filter(term -> term.openAt(nowMillis)).isPresent();
        if (!serving || record.isEmpty()) {
            return;
        }
        if (!planned(view)) {
            note(view, record.get());
        }
    }

    private boolean planned(ConfigMapView view) {
        Optional<String> text = view.entry(ConfigMapView.SWITCHOVER);
        if (text.isEmpty()) {
            return false;
        }
        Optional<PlannedSwitchover> plan = PlannedSwitchover.parse(text.get()).valid();
        Instant now = wallClock.get();
        if (plan.isPresent() && now.isBefore(plan.get().at())) {
            return false;
        }
        // Whatever becomes of it, it is done once: who removes the entry carries it out.
        if (!(configMap.write(view.with(ConfigMapView.SWITCHOVER, Optional.empty()), timeout)
                instanceof ConfigMapPort.Write.Stored)) {
            return true;
        }
        if (plan.isEmpty()) {
            pods.warning(
                    "SwitchoverDropped", "the entry 'switchover' of the ConfigMap was not readable: " + text.get());
        } else if (now.isAfter(plan.get().at().plus(LATE))) {
            pods.warning("SwitchoverDropped", "its time, " + plan.get().at() + ", has passed");
        } else if (plan.get().leader().filter(name -> !name.equals(self)).isPresent()) {
            pods.warning(
                    "SwitchoverDropped",
                    "it was planned for the primary " + plan.get().leader().get());
        } else if (!requests.submit(
                new Request.Switchover(UUID.randomUUID().toString(), plan.get().candidate()))) {
            pods.warning("SwitchoverDropped", "another request was being worked on");
        }
        return true;
    }

    private void note(ConfigMapView view, ClusterRecord record) {
        HistoryLog log = HistoryLog.parse(view.entry(ConfigMapView.HISTORY).orElse(""));
        HistoryLog next = log.with(record.history(), self, wallClock.get().truncatedTo(ChronoUnit.SECONDS));
        if (!next.equals(log)) {
            configMap.write(view.with(ConfigMapView.HISTORY, Optional.of(next.format())), timeout);
        }
    }
}
