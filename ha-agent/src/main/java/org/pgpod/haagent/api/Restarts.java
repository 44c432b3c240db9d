package org.pgpod.haagent.api;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.pgpod.haagent.loop.ConfigurationEditor.Edit;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.PlannedRestart;
import org.pgpod.haagent.model.PlannedSwitchover;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RestartTerms;
import org.pgpod.haagent.model.port.Reading;

/** {@code /restart}: of this member's server, now, or planned in the ConfigMap so that no restart of the agent loses it. */
final class Restarts {
    private static final Set<String> KEYS = Set.of(
            RestartTerms.ROLE,
            RestartTerms.VERSION,
            RestartTerms.PENDING,
            RestartTerms.TIMEOUT,
            PlannedRestart.SCHEDULE);

    private final Situation.Source source;
    private final ControlRequests control;

    Restarts(Situation.Source source, ControlRequests control) {
        this.source = source;
        this.control = control;
    }

    Reply post(ControlRequests.Asked asked) {
        Optional<Reply> unknown = ControlRequests.unknownKeys(asked.body(), KEYS);
        if (unknown.isPresent()) {
            return unknown.get();
        }
        return switch (RestartTerms.parse(asked.body())) {
            case Parsed.Valid<RestartTerms>(RestartTerms terms) ->
                asked.body().hasNonNull(PlannedRestart.SCHEDULE)
                        ? plan(asked.body().path(PlannedRestart.SCHEDULE).asText(), terms)
                        : now(terms);
            case Parsed.Malformed<RestartTerms>(String why) -> Reply.of(Reply.BAD_REQUEST, why);
            case Parsed.Unknown<RestartTerms>(String what) -> Reply.of(Reply.BAD_REQUEST, what);
        };
    }

    private Reply now(RestartTerms terms) {
        Situation now = source.now();
        Optional<String> unmet = terms.unmet(new RestartTerms.Server(
                now.holdsLock(), now.isReplica(), now.database().map(DatabaseFacts::version), now.pendingRestart()));
        if (unmet.isPresent()) {
            return Reply.of(Reply.UNAVAILABLE, "restart conditions are not satisfied: " + unmet.get());
        }
        Optional<Duration> limit = terms.timeout();
        Reply reply = control.submit(new Request.Restart(ControlRequests.id()), limit.orElse(ControlRequests.WAIT));
        return reply.status() == Reply.ACCEPTED && limit.isPresent()
                ? Reply.of(Reply.UNAVAILABLE, "not back within " + limit.get().toSeconds() + " s; it goes on")
                : reply;
    }

    private Optional<String> present() {
        return source.loop().editor().read() instanceof Reading.Value<ConfigMapView>(ConfigMapView view)
                ? PlannedRestart.text(view, self())
                : Optional.empty();
    }

    private String self() {
        return source.self().holder().pod();
    }

    private Reply plan(String time, RestartTerms terms) {
        Optional<Reply> problem = PlannedTime.problem(
                PlannedRestart.SCHEDULE, time, source.wallClock().get());
        if (problem.isPresent()) {
            return problem.get();
        }
        if (present().isPresent()) {
            return Reply.of(Reply.CONFLICT, "a restart is planned already; DELETE /restart cancels it");
        }
        PlannedRestart plan = new PlannedRestart(PlannedSwitchover.time(time).orElseThrow(), terms);
        return stored(
                source.loop().editor().edit(view -> PlannedRestart.put(view, self(), Optional.of(plan))),
                Reply.of(Reply.ACCEPTED, "restart planned for " + plan.at()));
    }

    Reply delete(ControlRequests.Asked asked) {
        return present().isEmpty()
                ? Reply.of(Reply.NOT_FOUND, "no restart is planned")
                : stored(
                        source.loop().editor().edit(view -> PlannedRestart.put(view, self(), Optional.empty())),
                        Reply.of(Reply.OK, "the planned restart is cancelled"));
    }

    /** What to answer about a change of an entry of the ConfigMap; {@code done} if it was made. */
    static Reply stored(Edit edit, Reply done) {
        return switch (edit) {
            case Edit.Stored ignored -> done;
            case Edit.Refused(var problems) -> Reply.of(Reply.BAD_REQUEST, String.join("; ", problems));
            case Edit.Outdated ignored -> Reply.of(Reply.CONFLICT, "others are changing the ConfigMap; ask again");
            case Edit.Failed(String reason) -> Reply.of(Reply.UNAVAILABLE, reason);
        };
    }
}
