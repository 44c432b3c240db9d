package org.pgpod.haagent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.conf.HooksFile;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.Reason;
import org.pgpod.haagent.model.ClusterConfiguration;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.ServerReport;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.ToolProgress;

/** {@code GET /status}: what the pod's other sidecars, and people, need to know. */
final class StatusDocument {
    private StatusDocument() {}

    static ObjectNode of(Situation now) {
        Optional<MemberStatus> own = now.decision().map(Decision::status);
        Optional<DatabaseFacts> database = now.database();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("cluster", now.self().cluster());
        json.put("member", now.self().holder().pod());
        json.put("role", now.role());
        json.put("state", own.map(StatusDocument::state).orElse("starting"));
        json.put("leaseVersion", leaseVersion(now));
        json.put("phase", now.record().map(StatusDocument::phase).orElse(null));
        json.put(
                "epoch",
                // An agent that has just restarted goes by the token until it has read the Lease.
                now.lease()
                        .map(LeaseView::epoch)
                        .or(() -> now.token().map(LeaseToken::epoch))
                        .map(epoch -> epoch.number())
                        .orElse(0L));
        json.put(
                "timeline",
                own.flatMap(MemberStatus::timeline)
                        .map(timeline -> timeline.id())
                        .orElse(null));
        json.put(
                "systemId",
                own.flatMap(MemberStatus::systemId).map(SystemId::text).orElse(null));
        leader(json, now);
        json.put(
                "received",
                database.map(DatabaseFacts::received).map(Lsn::toString).orElse(null));
        json.put(
                "replayed",
                database.map(DatabaseFacts::replayed).map(Lsn::toString).orElse(null));
        json.put("reason", now.reason());
        json.put("pendingRestart", now.pendingRestart());
        changes(json.putObject("pendingChanges"), now.report().pending());
        changes(json.putObject("heldBackChanges"), now.heldBack());
        configuration(json.putObject("configuration"), now.facts().configuration());
        json.put("pause", now.record().filter(ClusterRecord::pause).isPresent());
        json.put("postgres", database.map(DatabaseFacts::version).orElse(null));
        json.put("agent", now.self().agent());
        now.record().ifPresent(record -> synchronous(json.putObject("synchronous"), record, database));
        blocked(json, now.decision().map(Decision::reason).filter(Reason::blocked));
        SlotDocument.write(json, now.slots());
        storage(json.putObject("storage"), now);
        progress(json, now.facts().local().progress());
        hooks(json.putArray("hooks"), now.hooks());
        members(json.putArray("members"), now);
        return json;
    }

    private static void changes(ObjectNode json, Map<String, ServerReport.Change> pending) {
        pending.forEach((name, change) ->
                json.putObject(name).put("from", change.from()).put("to", change.to()));
    }

    private static void configuration(ObjectNode json, ClusterConfiguration configuration) {
        json.put(
                "version",
                configuration.view().map(ConfigMapView::resourceVersion).orElse(null));
        json.put(
                "accepted",
                configuration.view().isPresent() && configuration.problems().isEmpty());
        ArrayNode problems = json.putArray("problems");
        configuration.problems().forEach(problems::add);
    }

    private static String phase(ClusterRecord record) {
        return record.phase().name().toLowerCase(Locale.ROOT);
    }

    private static String state(MemberStatus status) {
        return status.state().name().toLowerCase(Locale.ROOT);
    }

    /** What a person who accepts a loss has to name; {@code none} while there is no leader Lease. */
    private static @Nullable String leaseVersion(Situation now) {
        return now.facts()
                .lease()
                .known()
                .map(sighting -> sighting.view().map(LeaseView::resourceVersion).orElse("none"))
                .orElse(null);
    }

    private static void leader(ObjectNode json, Situation now) {
        Optional<MemberStatus> leader = now.leader();
        if (leader.isEmpty()) {
            json.putNull("leader");
            return;
        }
        json.putObject("leader")
                .put("member", leader.get().pod())
                .put("host", leader.get().address())
                .put("port", leader.get().sqlPort());
    }

    /** The promise as it is recorded, and the set that this server makes its commits wait for. */
    private static void synchronous(ObjectNode json, ClusterRecord record, Optional<DatabaseFacts> database) {
        json.put("mode", record.mode().name().toLowerCase(Locale.ROOT));
        json.put("strict", record.strict());
        json.put("w", record.w());
        ArrayNode voters = json.putArray("voters");
        record.voters().forEach(voter -> voters.add(voter.toString()));
        json.put(
                "standbyNames",
                database.map(DatabaseFacts::synchronousStandbyNames).orElse(null));
    }

    private static void blocked(ObjectNode json, Optional<Reason> reason) {
        if (reason.isEmpty()) {
            json.putNull("blocked");
            return;
        }
        json.putObject("blocked")
                .put("reason", reason.get().code().name())
                .put("missing", reason.get().detail());
    }

    private static void storage(ObjectNode json, Situation now) {
        String healthy = now.storage().isPresent() ? "healthy" : "unknown";
        json.put(
                "state",
                now.storageTrouble()
                        .map(trouble -> trouble.name().toLowerCase(Locale.ROOT))
                        .orElse(healthy));
        Optional<StorageState> known = now.storage().filter(state -> state.totalBytes() > 0);
        json.put("freeBytes", known.map(StorageState::freeBytes).orElse(null));
        json.put("totalBytes", known.map(StorageState::totalBytes).orElse(null));
    }

    private static void progress(ObjectNode json, Optional<ToolProgress> progress) {
        if (progress.isEmpty()) {
            json.putNull("progress");
            return;
        }
        json.putObject("progress")
                .put("operation", progress.get().operation())
                .put("doneBytes", progress.get().doneBytes())
                .put("totalBytes", progress.get().totalBytes());
    }

    private static void hooks(ArrayNode json, List<Hook.Ended> ended) {
        for (Hook.Ended hook : ended) {
            json.addObject()
                    .put("event", HooksFile.key(hook.event()))
                    .put("name", hook.name())
                    .put("outcome", hook.outcome().name().toLowerCase(Locale.ROOT))
                    .put("millis", hook.took().toMillis())
                    .put("detail", hook.detail());
        }
    }

    private static void members(ArrayNode json, Situation now) {
        for (MemberStatus member : now.members()) {
            ObjectNode entry = json.addObject()
                    .put("name", member.pod())
                    .put("role", member.role().name().toLowerCase(Locale.ROOT))
                    .put("state", state(member))
                    .put("host", member.address())
                    .put("sqlPort", member.sqlPort())
                    .put("apiPort", member.apiPort())
                    .put(
                            "timeline",
                            member.timeline().map(timeline -> timeline.id()).orElse(null))
                    .put("lsn", member.position().toString())
                    .put("lagBytes", now.lagBytes(member.replayed()).orElse(null))
                    .put("libraries", member.libraries().orElse(null))
                    .put("node", member.node())
                    .put("zone", member.zone())
                    .put("pendingRestart", !member.server().pending().isEmpty());
            ObjectNode tags = entry.putObject("tags");
            member.tags().values().forEach(tags::put);
        }
    }
}
