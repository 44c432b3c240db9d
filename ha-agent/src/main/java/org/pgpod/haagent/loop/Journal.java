package org.pgpod.haagent.loop;

import org.pgpod.haagent.decide.Action;
import org.pgpod.haagent.decide.ActionReport;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.Reason;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people what changed: one log line for each new reason and failed action, a Kubernetes Event for the weighty. */
final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private final PodPort pods;
    private final Scheduler scheduler;

    // Only the decide lane touches this.
    private Reason last = Reason.of(Reason.Code.WAIT_LEASE);

    Journal(PodPort pods, Scheduler scheduler) {
        this.pods = pods;
        this.scheduler = scheduler;
    }

    void decided(Decision decision) {
        Reason reason = decision.reason();
        if (reason.equals(last)) {
            return;
        }
        last = reason;
        String action = decision.action().getClass().getSimpleName();
        LOG.info("decide reason={} action={} {}", reason.code(), action, reason.detail());
        if (isWeighty(decision)) {
            // The API may be slow, and an Event is never waited for.
            scheduler.submit(Scheduler.Lane.MEMBERS, () -> tell(decision));
        }
    }

    private void tell(Decision decision) {
        Reason reason = decision.reason();
        if (reason.blocked() || decision.action() instanceof Action.Fence) {
            pods.warning(camelCase(reason.code()), reason.detail());
        } else {
            pods.event(camelCase(reason.code()), reason.detail());
        }
    }

    void ended(ActionReport report) {
        String action = report.action().getClass().getSimpleName();
        if (report.succeeded()) {
            LOG.debug("done action={}", action);
        } else {
            LOG.warn("failed action={} reason={}", action, report.failure().orElse(""));
        }
    }

    private static boolean isWeighty(Decision decision) {
        return decision.reason().blocked()
                || switch (decision.action()) {
                    case Action.Nothing ignored -> false;
                    case Action.ReadControl ignored -> false;
                    case Action.MarkVolume ignored -> false;
                    case Action.Configure ignored -> false;
                    case Action.Checkpoint ignored -> false;
                    case Action.EnsureRoles ignored -> false;
                    case Action.EnsureSlots ignored -> false;
                    case Action.LabelPods ignored -> false;
                    default -> true;
                };
    }

    private static String camelCase(Reason.Code code) {
        StringBuilder words = new StringBuilder();
        for (String word : code.name().split("_", -1)) {
            words.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return words.toString();
    }
}
