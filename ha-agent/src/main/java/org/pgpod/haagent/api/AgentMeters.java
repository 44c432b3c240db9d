package org.pgpod.haagent.api;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.haagent.conf.HooksFile;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.Reason;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.SlotState;

/** The agent's own gauges, each computed when it is read. */
public final class AgentMeters {
    private static final double MILLIS_PER_SECOND = 1_000;

    private final Situation.Source source;

    public AgentMeters(Situation.Source source) {
        this.source = source;
    }

    public void bindTo(MeterRegistry registry) {
        gauge(registry, "pgpod.ha.primary", "1 while clients may write here", now -> truth(now.isPrimary()));
        gauge(registry, "pgpod.ha.replica", "1 while a standby runs here", now -> truth(now.isReplica()));
        gauge(registry, "pgpod.ha.streaming", "1 while the standby receives WAL", now -> truth(now.isStreaming()));
        gauge(
                registry,
                "pgpod.ha.blocked",
                "1 while the agent can do nothing without help",
                now -> truth(now.decision()
                        .map(Decision::reason)
                        .filter(Reason::blocked)
                        .isPresent()));
        gauge(
                registry,
                "pgpod.ha.paused",
                "1 while automatic actions are suspended",
                now -> truth(now.record().filter(ClusterRecord::pause).isPresent()));
        gauge(
                registry,
                "pgpod.ha.configuration.refused",
                "1 while the cluster's dynamic configuration is not usable and the last good one stays",
                now -> truth(!now.facts().configuration().problems().isEmpty()));
        gauge(
                registry,
                "pgpod.ha.pending.restart",
                "1 while parameters of Postgres wait for a restart",
                now -> truth(now.pendingRestart()));
        gauge(
                registry,
                "pgpod.ha.epoch",
                "Number of the term of leadership",
                now -> now.lease()
                        .map(LeaseView::epoch)
                        .map(epoch -> epoch.number())
                        .orElse(0L));
        gauge(
                registry,
                "pgpod.ha.timeline",
                "Timeline of the local Postgres",
                now -> now.database()
                        .map(DatabaseFacts::timeline)
                        .map(timeline -> timeline.id())
                        .orElse(0));
        gauge(
                registry,
                "pgpod.ha.replay.lag.bytes",
                "WAL that the primary recorded and this member has not replayed",
                now -> now.ownLagBytes().map(Long::doubleValue).orElse(Double.NaN));
        gauge(
                registry,
                "pgpod.ha.token.remaining.seconds",
                "How long clients may still write here",
                now -> now.token()
                        .filter(token -> token.role() == LeaseToken.Role.PRIMARY)
                        .map(token -> (token.untilMillis() - now.nowMillis()) / MILLIS_PER_SECOND)
                        .orElse(0.0));
        gauge(
                registry,
                "pgpod.ha.storage.state",
                "Volume: 0 well, 1 full, 2 failing, 3 stuck; NaN while unknown",
                AgentMeters::storage);
        slots(registry);
        gauge(
                registry,
                "pgpod.ha.members",
                "Members that the API knows of",
                now -> now.members().size());
        hooks(registry);
    }

    private void hooks(MeterRegistry registry) {
        for (Hook.Event event : Hook.Event.values()) {
            for (Hook.Outcome outcome : Hook.Outcome.values()) {
                hooks(registry, event, outcome);
            }
        }
    }

    private void hooks(MeterRegistry registry, Hook.Event event, Hook.Outcome outcome) {
        FunctionCounter.builder(
                        "pgpod.ha.hooks", source, from -> from.loop().hooks().count(event, outcome))
                .description("Hooks that ended, by event and outcome")
                .tags(Tags.of(
                        "cluster",
                        source.self().cluster(),
                        "member",
                        source.self().holder().pod(),
                        "event",
                        HooksFile.key(event),
                        "outcome",
                        outcome.name().toLowerCase(Locale.ROOT)))
                .register(registry);
    }

    private void slots(MeterRegistry registry) {
        gauge(
                registry,
                "pgpod.ha.slots.lost",
                "Replication slots that lost their WAL",
                now -> now.slots().slots().stream()
                        .filter(slot -> slot.lost().isPresent())
                        .count());
        gauge(
                registry,
                "pgpod.ha.slots.retained.bytes",
                "WAL kept by the replication slot that keeps the most",
                now -> now.slots().slots().stream()
                        .mapToLong(SlotState::retainedBytes)
                        .max()
                        .orElse(0));
        gauge(
                registry,
                "pgpod.ha.slots.problems",
                "What is wrong with permanent replication slots and needs a person",
                now -> now.slots().problems().size());
    }

    private static double storage(Situation now) {
        return now.storageTrouble()
                .map(trouble -> switch (trouble) {
                    case FULL -> 1.0;
                    case FAILING -> 2.0;
                    case STUCK -> 3.0;
                })
                .orElse(now.storage().isPresent() ? 0.0 : Double.NaN);
    }

    private static double truth(boolean holds) {
        return holds ? 1 : 0;
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<Situation> reader) {
        Gauge.builder(name, source, from -> reader.applyAsDouble(from.now()))
                .description(description)
                .tags(Tags.of(
                        "cluster",
                        source.self().cluster(),
                        "member",
                        source.self().holder().pod()))
                .strongReference(true)
                .register(registry);
    }
}
