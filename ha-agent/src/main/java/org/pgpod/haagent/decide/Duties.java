package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.PodPort;

/** What a serving primary owes the cluster, the most urgent first: its promise, labels, then what its standbys need. */
final class Duties {
    /** Labels are applied again this often, for a pod that came back lost its own. */
    private static final Duration RELABEL = Duration.ofSeconds(30);

    /** Roles are compared with the mounted passwords this often. */
    private static final Duration ROLES = Duration.ofSeconds(60);

    private Duties() {}

    static Optional<Step> next(
            Observation now, Standing.Mine mine, VolumeState volume, DatabaseFacts database, Memory memory) {
        MemberName self = Leadership.nameOf(now, volume);
        return Stream.<Supplier<Optional<Step>>>of(
                        () -> pause(now, mine, memory),
                        () -> Synchrony.endangered(now, mine, self, database)
                                ? settings(now, mine, self, database, memory)
                                : Optional.empty(),
                        () -> labels(now, PodPort.RoleLabel.PRIMARY, memory),
                        () -> Removal.asked(now, mine, memory),
                        () -> Synchrony.next(now, mine, self, database, memory),
                        () -> settings(now, mine, self, database, memory),
                        () -> roles(now, memory),
                        () -> slots(now, mine, database, memory),
                        () -> marks(mine, volume, memory),
                        () -> checkpoint(mine, database, memory))
                .flatMap(duty -> duty.get().stream())
                .findFirst();
    }

    /** Copies a person's wish to pause or resume into the record. */
    static Optional<Step> pause(Observation now, Standing.Mine mine, Memory memory) {
        if (!(now.request().orElse(null) instanceof Request.Pause(String id, boolean wanted))) {
            return Optional.empty();
        }
        if (mine.record().pause() == wanted) {
            RequestAnswer done = new RequestAnswer.Done(wanted ? "paused" : "resumed");
            return Optional.of(Step.rest(
                    Reason.Code.DUTY_PAUSE, memory.change().answer(id, done).build()));
        }
        return Optional.of(Step.act(
                new Action.WriteRecord(mine.record().change().pause(wanted).build()),
                Reason.Code.DUTY_PAUSE,
                "pause=" + wanted,
                memory));
    }

    /** Labels of all members, our own being {@code leads}. */
    static Optional<Step> labels(Observation now, PodPort.RoleLabel leads, Memory memory) {
        Map<String, PodPort.RoleLabel> wanted = new HashMap<>();
        for (MemberSighting member : now.members().known().orElse(List.of())) {
            wanted.put(member.status().pod(), PodPort.RoleLabel.REPLICA);
        }
        wanted.put(now.self().holder().pod(), leads);
        boolean current = wanted.equals(memory.labels()) && !now.passed(RELABEL, memory.labelledMillis());
        // Attempts that run into their time limits would hold up what Postgres needs.
        long lately =
                now.nowMillis() - 2 * now.settings().timings().retryPeriod().toMillis();
        return current || now.lease().since(lately).isEmpty()
                ? Optional.empty()
                : Optional.of(Step.act(new Action.LabelPods(wanted), Reason.Code.DUTY_LABELS, memory));
    }

    /** Those that Postgres should run with, the synchronous set above all. */
    static Optional<Step> settings(
            Observation now, Standing.Mine mine, MemberName self, DatabaseFacts database, Memory memory) {
        SynchronousSet set = Synchrony.wantedSet(now, mine, self, database, memory);
        PostgresSettings wanted = new PostgresSettings.Primary(self, set);
        return now.local().settings().equals(Optional.of(wanted))
                ? Optional.empty()
                : Optional.of(Step.act(
                        new Action.Configure(wanted), Reason.Code.DUTY_SETTINGS, "synchronous=" + set.text(), memory));
    }

    private static Optional<Step> roles(Observation now, Memory memory) {
        boolean current = memory.rolesMillis() != 0 && !now.passed(ROLES, memory.rolesMillis());
        return current
                ? Optional.empty()
                : Optional.of(Step.act(new Action.EnsureRoles(), Reason.Code.DUTY_ROLES, memory));
    }

    /** A standby cannot stream without its slot; everything else about slots has time. */
    static Optional<Step> slots(Observation now, Standing.Mine mine, DatabaseFacts database, Memory memory) {
        if (now.members().known().isEmpty()) {
            return Optional.empty();
        }
        Set<String> missing = new HashSet<>(
                MemberSlots.of(now, mine.record().timeline()).wanted().keySet());
        missing.removeAll(database.slots());
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(Step.act(new Action.EnsureSlots(missing), Reason.Code.DUTY_SLOTS, memory));
    }

    private static Optional<Step> marks(Standing.Mine mine, VolumeState volume, Memory memory) {
        return mark(mine.record(), mine.record().timeline(), volume, memory);
    }

    /**
     * Notes on the volume which epoch began this copy's timeline, and ends a freeze that is over. A deleted Lease is made
     * again in a later epoch on the same timeline: that one is noted too, so that an older Lease put back is recognised.
     */
    static Optional<Step> mark(ClusterRecord record, Timeline timeline, VolumeState volume, Memory memory) {
        Map<String, String> notes = new HashMap<>();
        if (volume.frozen().isPresent()) {
            notes.put("frozen", "-");
        }
        Optional<Epoch> began = record.history().entryOf(timeline).map(TimelineHistory.Entry::epoch);
        began.map(first -> timeline.equals(record.timeline()) ? record.epoch() : first)
                .ifPresent(epoch -> {
                    // An epoch beyond the one that began the timeline is harmless, and it never falls.
                    boolean behind = volume.epoch().compareTo(epoch) < 0;
                    if (behind || !volume.timeline().equals(Optional.of(timeline))) {
                        notes.put("epoch", (behind ? epoch : volume.epoch()).toString());
                        notes.put("timeline", timeline.toString());
                    }
                });
        return notes.isEmpty()
                ? Optional.empty()
                : Optional.of(Step.act(new Action.MarkVolume(notes), Reason.Code.DUTY_MARK, memory));
    }

    /** Others can rewind to us only once our control file is on the new timeline. */
    private static Optional<Step> checkpoint(Standing.Mine mine, DatabaseFacts database, Memory memory) {
        return database.checkpointTimeline().equals(mine.record().timeline())
                ? Optional.empty()
                : Optional.of(Step.act(new Action.Checkpoint(), Reason.Code.DUTY_CHECKPOINT, memory));
    }
}
