package org.pgpod.haagent.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.PlannedSwitchover;
import org.pgpod.haagent.model.port.Reading;

/** Plans a switchover for later, in the cluster's ConfigMap, so that no restart of an agent loses it. */
final class PlannedSwitchovers {
    private final Situation.Source source;

    PlannedSwitchovers(Situation.Source source) {
        this.source = source;
    }

    Reply plan(ObjectNode body) {
        String text = body.path("scheduled_at").asText();
        Optional<Reply> problem =
                PlannedTime.problem("scheduled_at", text, source.wallClock().get());
        if (problem.isPresent()) {
            return problem.get();
        }
        Instant at = PlannedSwitchover.time(text).orElseThrow();
        PlannedSwitchover plan = new PlannedSwitchover(
                ControlRequests.text(body, "leader"), ControlRequests.text(body, "candidate"), at);
        return Restarts.stored(
                source.loop().editor().set(ConfigMapView.SWITCHOVER, Optional.of(plan.format())),
                Reply.of(Reply.ACCEPTED, "switchover planned for " + at));
    }

    Reply delete(ControlRequests.Asked asked) {
        boolean planned = source.loop().editor().read() instanceof Reading.Value<ConfigMapView>(ConfigMapView view)
                && view.entry(ConfigMapView.SWITCHOVER).isPresent();
        if (!planned) {
            return Reply.of(Reply.NOT_FOUND, "no switchover is planned");
        }
        return Restarts.stored(
                source.loop().editor().set(ConfigMapView.SWITCHOVER, Optional.empty()),
                Reply.of(Reply.OK, "the planned switchover is cancelled"));
    }
}
