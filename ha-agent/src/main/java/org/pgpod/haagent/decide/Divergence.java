package org.pgpod.haagent.decide;

import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;

/** How a copy's WAL relates to the recorded line of timelines. */
enum Divergence {
    /** All of its WAL is on the line: it may lag, and streaming brings the rest. */
    NONE,
    /** It has WAL that the line left out, on a timeline of its own or past a fork: a rewind can mend it. */
    BEYOND_FORK,
    /** It has another timeline under the same number: pg_rewind would find nothing to do, only a new copy helps. */
    FORKED;

    /** Of a running standby. */
    static Divergence of(DatabaseFacts database, VolumeState volume, TimelineHistory line) {
        Divergence byName = ofTimeline(database.timeline(), database.timelineStart(), volume, line);
        return byName == NONE
                ? ofEnd(line, database.timeline(), end -> database.position().compareTo(end) > 0)
                : byName;
    }

    /** Of a stopped server. */
    static Divergence of(ControlData control, VolumeState volume, TimelineHistory line) {
        Divergence byName = ofTimeline(control.timeline(), control.timelineStart(), volume, line);
        if (byName != NONE) {
            return byName;
        }
        if (control.wasStandby()) {
            return ofEnd(line, control.timeline(), end -> control.recoveryEnd().compareTo(end) > 0);
        }
        // A primary's last checkpoint record begins at this very position, so it must begin before the fork.
        return ofEnd(line, control.timeline(), end -> control.checkpoint().compareTo(end) >= 0);
    }

    private static Divergence ofEnd(
            TimelineHistory line, Timeline timeline, java.util.function.Predicate<Lsn> reachesPast) {
        return line.endOf(timeline).filter(reachesPast).isPresent() ? BEYOND_FORK : NONE;
    }

    private static Divergence ofTimeline(
            Timeline timeline, Optional<Lsn> start, VolumeState volume, TimelineHistory line) {
        Optional<TimelineHistory.Entry> entry = line.entryOf(timeline);
        if (entry.isEmpty()) {
            return BEYOND_FORK;
        }
        boolean otherStart =
                start.filter(own -> !own.equals(entry.get().start())).isPresent();
        boolean markedHere = volume.timeline().filter(timeline::equals).isPresent();
        boolean otherEpoch = markedHere
                && !volume.epoch().equals(Epoch.NONE)
                && isEarlier(volume.epoch(), entry.get().epoch());
        return otherStart || otherEpoch ? FORKED : NONE;
    }

    // A timeline id is reserved once: an epoch before the recorded one cannot have begun the recorded timeline. A later
    // epoch may stand on the volume, because re-creating a deleted Lease raises the epoch without a new timeline.
    private static boolean isEarlier(Epoch onVolume, Epoch recorded) {
        return onVolume.compareTo(recorded) < 0;
    }
}
