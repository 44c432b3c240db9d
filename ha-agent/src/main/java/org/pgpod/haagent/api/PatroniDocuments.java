package org.pgpod.haagent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.HistoryLog;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PlannedRestart;
import org.pgpod.haagent.model.PlannedSwitchover;
import org.pgpod.haagent.model.RestartTerms;
import org.pgpod.haagent.model.ServerReport;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.TimelineHistory;

/** The JSON documents that Patroni's users and tools read, with its field names. */
final class PatroniDocuments {
    private PatroniDocuments() {}

    /** {@code GET /patroni}: this member. */
    static ObjectNode member(Situation now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("state", state(now));
        json.put("role", now.isPrimary() ? "primary" : now.isStandbyLeader() ? "standby_leader" : "replica");
        now.database().ifPresent(database -> {
            json.put("server_version", RestartTerms.versionNumber(database.version()));
            json.put("timeline", database.timeline().id());
            ObjectNode xlog = json.putObject("xlog");
            if (database.inRecovery()) {
                xlog.put("received_location", database.received().value());
                xlog.put("replayed_location", database.replayed().value());
                xlog.put("paused", false);
                if (now.isStreaming()) {
                    json.put("replication_state", "streaming");
                }
            } else {
                xlog.put("location", database.replayed().value());
                replication(json, now, database.senders());
            }
        });
        pending(json, now.pendingRestart(), now.report());
        restart(json, now, now.self().holder().pod());
        now.record()
                .flatMap(ClusterRecord::systemId)
                .map(SystemId::text)
                .ifPresent(id -> json.put("database_system_identifier", id));
        if (now.leader().isEmpty()) {
            json.put("cluster_unlocked", true);
        }
        if (now.record().filter(ClusterRecord::pause).isPresent()) {
            json.put("pause", true);
        }
        tags(json, now.self().tags().values());
        json.putObject("patroni")
                .put("version", now.self().agent())
                .put("scope", now.self().cluster())
                .put("name", now.self().holder().pod());
        return json;
    }

    private static void replication(ObjectNode json, Situation now, List<DatabaseFacts.Sender> senders) {
        if (senders.isEmpty()) {
            return;
        }
        ArrayNode replication = json.putArray("replication");
        for (DatabaseFacts.Sender sender : senders) {
            replication
                    .addObject()
                    .put("application_name", sender.applicationName())
                    .put("state", sender.state())
                    .put("sync_state", syncState(now, sender));
        }
    }

    private static String syncState(Situation now, DatabaseFacts.Sender sender) {
        boolean voter = now.record().filter(record -> record.mode() == ClusterRecord.Mode.SYNC).stream()
                .flatMap(record -> record.voters().stream())
                .anyMatch(name -> name.applicationName().equals(sender.applicationName()));
        String synchronous = now.isQuorum() ? "quorum" : "sync";
        return voter ? synchronous : "async";
    }

    private static void tags(ObjectNode json, java.util.Map<String, String> tags) {
        if (!tags.isEmpty()) {
            ObjectNode object = json.putObject("tags");
            tags.forEach(object::put);
        }
    }

    private static String state(Situation now) {
        Optional<SupervisorState.Postgres> postgres = now.supervisor().map(SupervisorState::postgres);
        return postgres.map(state -> state == SupervisorState.Postgres.UP
                        ? "running"
                        : state == SupervisorState.Postgres.DOWN
                                ? "stopped"
                                : state.name().toLowerCase(Locale.ROOT))
                .orElse("unknown");
    }

    /** {@code GET /cluster}: all members. */
    static ObjectNode cluster(Situation now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode members = json.putArray("members");
        Optional<String> leader = now.leader().map(MemberStatus::pod);
        for (MemberStatus member : now.members()) {
            boolean leads = leader.filter(member.pod()::equals).isPresent();
            ObjectNode entry = members.addObject();
            entry.put("name", member.pod());
            entry.put("role", role(now, member, leads));
            entry.put("state", state(member));
            entry.put("api_url", now.addresses().of(member).resolve("patroni").toString());
            entry.put("host", member.address());
            entry.put("port", member.sqlPort());
            member.timeline().ifPresent(timeline -> entry.put("timeline", timeline.id()));
            if (!leads) {
                entry.put("lsn", member.replayed().toString());
                now.lagBytes(member.replayed())
                        .ifPresentOrElse(bytes -> entry.put("lag", bytes), () -> entry.put("lag", "unknown"));
            }
            pending(entry, !member.server().pending().isEmpty(), member.server());
            restart(entry, now, member.pod());
            tags(entry, member.tags().values());
        }
        planned(json, now);
        json.put("scope", now.self().cluster());
        if (now.record().filter(ClusterRecord::pause).isPresent()) {
            json.put("pause", true);
        }
        return json;
    }

    private static String role(Situation now, MemberStatus member, boolean leads) {
        if (leads) {
            boolean standby =
                    now.record().filter(record -> !record.allowsWriting()).isPresent();
            return standby ? "standby_leader" : "leader";
        }
        boolean voter = now.record()
                .filter(record -> record.mode() == ClusterRecord.Mode.SYNC)
                .filter(record -> record.voters().stream()
                        .anyMatch(name -> member.name().filter(name::equals).isPresent()))
                .isPresent();
        String synchronous = now.isQuorum() ? "quorum_standby" : "sync_standby";
        return voter ? synchronous : "replica";
    }

    /** Patroni leaves it out while nothing waits for a restart. */
    private static void pending(ObjectNode json, boolean pending, ServerReport report) {
        if (!pending) {
            return;
        }
        json.put("pending_restart", true);
        ObjectNode reasons = json.putObject("pending_restart_reason");
        report.pending()
                .forEach((name, change) ->
                        reasons.putObject(name).put("old_value", change.from()).put("new_value", change.to()));
    }

    private static void restart(ObjectNode json, Situation now, String pod) {
        now.facts()
                .configuration()
                .view()
                .flatMap(view -> PlannedRestart.of(view, pod))
                .ifPresent(plan -> json.set("scheduled_restart", plan.json()));
    }

    private static void planned(ObjectNode json, Situation now) {
        now.facts()
                .configuration()
                .view()
                .flatMap(view -> view.entry(ConfigMapView.SWITCHOVER))
                .flatMap(text -> PlannedSwitchover.parse(text).valid())
                .ifPresent(plan -> {
                    ObjectNode entry = json.putObject("scheduled_switchover")
                            .put("at", plan.at().toString());
                    plan.leader().ifPresent(name -> entry.put("from", name));
                    plan.candidate().ifPresent(name -> entry.put("to", name));
                });
    }

    private static String state(MemberStatus member) {
        return switch (member.state()) {
            case CLONING -> "creating replica";
            case REWINDING -> "running pg_rewind";
            case RUNNING, STREAMING, STARTING, STOPPED, FROZEN, BLOCKED ->
                member.state().name().toLowerCase(Locale.ROOT);
        };
    }

    /**
     * {@code GET /failsafe}: the members without whose promises the primary would not outlive an outage of the API, and where
     * they are asked. Empty where it counts on nobody, which is always so in asynchronous mode.
     */
    static Optional<ObjectNode> failsafe(Situation now) {
        Optional<ClusterRecord> record =
                now.record().filter(known -> known.mode() == ClusterRecord.Mode.SYNC && known.w() > 0);
        if (record.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (MemberStatus member : now.members()) {
            boolean voter = member.name()
                    .filter(name -> record.get().voters().contains(name))
                    .isPresent();
            boolean leads = now.lease()
                    .flatMap(LeaseView::holder)
                    .filter(holder -> holder.pod().equals(member.pod()))
                    .isPresent();
            if (voter && !leads) {
                json.put(
                        member.pod(),
                        now.addresses().of(member).resolve("patroni").toString());
            }
        }
        return Optional.of(json);
    }

    /** {@code GET /history}: for each timeline that ended, its id, where, why, and when and whose the next one began. */
    static ArrayNode history(Situation now) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        List<TimelineHistory.Entry> entries = now.record()
                .map(ClusterRecord::history)
                .orElse(TimelineHistory.EMPTY)
                .entries();
        HistoryLog log = HistoryLog.parse(now.facts()
                .configuration()
                .view()
                .flatMap(view -> view.entry(ConfigMapView.HISTORY))
                .orElse(""));
        for (int next = 1; next < entries.size(); next++) {
            ArrayNode entry = json.addArray()
                    .add(entries.get(next - 1).timeline().id())
                    .add(entries.get(next).start().value())
                    .add("epoch " + entries.get(next).epoch());
            log.entryOf(entries.get(next).timeline())
                    .ifPresent(began -> entry.add(began.at().toString()).add(began.member()));
        }
        return json;
    }
}
