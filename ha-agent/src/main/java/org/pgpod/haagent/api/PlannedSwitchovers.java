package org.pgpod.haagent.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import org.pgpod.haagent.loop.ConfigurationEditor.Edit;
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
        Optional<Instant> at = PlannedSwitchover.time(text);
        if (at.isEmpty()) {
            return Reply.of(
                    Reply.UNPROCESSABLE,
                    "scheduled_at is '" + text
                            + "'; it must be a time with its zone, such as 2026-11-21T23:00:00+01:00");
        }
        if (at.get().isBefore(source.wallClock().get())) {
            return Reply.of(Reply.UNPROCESSABLE, "scheduled_at is '" + text + "'; it must be in the future");
        }
        PlannedSwitchover plan = new PlannedSwitchover(
                ControlRequests.text(body, "leader"), ControlRequests.text(body, "candidate"), at.get());
        return switch (source.loop().editor().set(ConfigMapView.SWITCHOVER, Optional.of(plan.format()))) {
            case Edit.Stored ignored -> Reply.of(Reply.ACCEPTED, "switchover planned for " + at.get());
            case Edit.Refused(var problems) -> Reply.of(Reply.BAD_REQUEST, String.join("; ", problems));
            case Edit.Outdated ignored -> Reply.of(Reply.CONFLICT, "others are changing the ConfigMap; ask again");
            case Edit.Failed(String reason) -> Reply.of(Reply.UNAVAILABLE, reason);
        };
    }

    Reply delete(ControlRequests.Asked asked) {
        boolean planned = source.loop().editor().read() instanceof Reading.Value<ConfigMapView>(ConfigMapView view)
                && view.entry(ConfigMapView.SWITCHOVER).isPresent();
        if (!planned) {
            return Reply.of(Reply.NOT_FOUND, "no switchover is planned");
        }
        return switch (source.loop().editor().set(ConfigMapView.SWITCHOVER, Optional.empty())) {
            case Edit.Stored ignored -> Reply.of(Reply.OK, "the planned switchover is cancelled");
            case Edit.Refused(var problems) -> Reply.of(Reply.BAD_REQUEST, String.join("; ", problems));
            case Edit.Outdated ignored -> Reply.of(Reply.CONFLICT, "others are changing the ConfigMap; ask again");
            case Edit.Failed(String reason) -> Reply.of(Reply.UNAVAILABLE, reason);
        };
    }
}
