package org.pgpod.haagent.api;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.RestartTerms;
import org.pgpod.haagent.model.ServerCatalog;

/** The gauges of Patroni's {@code /metrics} under its names and labels, so that its dashboards and alerts go on working. */
public final class PatroniMeters {
    private static final double MILLIS_PER_SECOND = 1_000;

    private final Situation.Source source;

    public PatroniMeters(Situation.Source source) {
        this.source = source;
    }

    public void bindTo(MeterRegistry registry) {
        roles(registry);
        positions(registry);
        gauge(
                registry,
                "patroni.version",
                "Version of the agent, as a number",
                now -> version(now.self().agent()));
        gauge(
                registry,
                "patroni.cluster.unlocked",
                "1 while no member serves",
                now -> truth(now.leader().isEmpty()));
        gauge(
                registry,
                "patroni.is.paused",
                "1 while automatic actions are suspended",
                now -> truth(now.record().filter(ClusterRecord::pause).isPresent()));
        gauge(
                registry,
                "patroni.pending.restart",
                "1 while parameters wait for a restart",
                now -> truth(now.pendingRestart()));
        gauge(registry, "patroni.failsafe.mode.is.active", "Always 0: there is no such mode", now -> 0);
        gauge(
                registry,
                "patroni.dcs.last.seen",
                "When the leader Lease was last read, in epoch seconds",
                now -> now.facts().lease() instanceof Fact.Seen<LeaseSighting>(var ignored, long at)
                        ? source.wallClock().get().getEpochSecond() - (now.nowMillis() - at) / MILLIS_PER_SECOND
                        : 0);
    }

    private void roles(MeterRegistry registry) {
        gauge(registry, "patroni.primary", "1 while clients may write here", now -> truth(now.isPrimary()));
        gauge(registry, "patroni.master", "1 while clients may write here", now -> truth(now.isPrimary()));
        gauge(
                registry,
                "patroni.replica",
                "1 while a standby runs here that follows a member",
                now -> truth(now.isReplica() && !now.isStandbyLeader()));
        gauge(
                registry,
                "patroni.standby.leader",
                "1 while this member leads a standby cluster",
                now -> truth(now.isStandbyLeader()));
        gauge(
                registry,
                "patroni.sync.standby",
                "1 for a synchronous standby",
                now -> truth(now.isReplica() && now.isVoter() && !now.isQuorum()));
        gauge(
                registry,
                "patroni.quorum.standby",
                "1 for a standby of the quorum",
                now -> truth(now.isReplica() && now.isVoter() && now.isQuorum()));
        gauge(
                registry,
                "patroni.postgres.running",
                "1 while Postgres answers",
                now -> truth(now.database().isPresent()));
        gauge(registry, "patroni.postgres.streaming", "1 while WAL is received", now -> truth(now.isStreaming()));
        gauge(
                registry,
                "patroni.postgres.in.archive.recovery",
                "1 while a standby runs without receiving WAL",
                now -> truth(now.isReplica() && !now.isStreaming()));
        gauge(
                registry,
                "patroni.postgres.server.version",
                "Version of Postgres, as a number",
                now -> now.database()
                        .map(DatabaseFacts::version)
                        .map(RestartTerms::versionNumber)
                        .orElse(0));
        gauge(
                registry,
                "patroni.postgres.timeline",
                "Timeline of Postgres",
                now -> now.database().map(database -> database.timeline().id()).orElse(0));
        gauge(
                registry,
                "patroni.postmaster.start.time",
                "When Postgres was started, in epoch seconds",
                now -> now.facts()
                        .catalog()
                        .known()
                        .map(ServerCatalog::startedMillis)
                        .map(millis -> millis / MILLIS_PER_SECOND)
                        .orElse(0.0));
    }

    private void positions(MeterRegistry registry) {
        gauge(
                registry,
                "patroni.xlog.location",
                "End of WAL on the primary, 0 on a standby",
                now -> now.database()
                        .filter(database -> !database.inRecovery())
                        .map(database -> bytes(database.replayed()))
                        .orElse(0.0));
        gauge(
                registry,
                "patroni.xlog.received.location",
                "End of received WAL, 0 on the primary",
                now -> now.database()
                        .filter(DatabaseFacts::inRecovery)
                        .map(database -> bytes(database.received()))
                        .orElse(0.0));
        gauge(
                registry,
                "patroni.xlog.replayed.location",
                "End of replayed WAL, 0 on the primary",
                now -> now.database()
                        .filter(DatabaseFacts::inRecovery)
                        .map(database -> bytes(database.replayed()))
                        .orElse(0.0));
    }

    private static double bytes(Lsn position) {
        return position.value();
    }

    /** {@code 4.1.2} as Patroni numbers it: 40102. */
    private static double version(String text) {
        double number = 0;
        String[] parts = text.split("[^0-9]+", -1);
        for (int part = 0; part < 3; part++) {
            number = number * 100 + (part < parts.length && !parts[part].isEmpty() ? Integer.parseInt(parts[part]) : 0);
        }
        return number;
    }

    private static double truth(boolean holds) {
        return holds ? 1 : 0;
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<Situation> reader) {
        Gauge.builder(name, source, from -> reader.applyAsDouble(from.now()))
                .description(description)
                .tags(Tags.of(
                        "scope",
                        source.self().cluster(),
                        "name",
                        source.self().holder().pod()))
                .strongReference(true)
                .register(registry);
    }
}
