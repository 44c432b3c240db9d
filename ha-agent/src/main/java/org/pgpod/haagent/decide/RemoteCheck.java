package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.TimelineHistory;

/** Whether a copy of this cluster can follow the server of another one, by what that server says of itself. */
final class RemoteCheck {
    /** What it said longer ago is no ground for giving up the right to write, or a copy. */
    private static final Duration FRESH = Duration.ofSeconds(15);

    private RemoteCheck() {}

    /** What the server that is wanted said lately. */
    static Optional<RemoteSighting> seen(Observation now) {
        Optional<RemotePrimary> wanted = now.standby().wish().known().flatMap(wish -> wish.remote());
        return now.standby()
                .remote()
                .since(now.nowMillis() - FRESH.toMillis())
                .filter(sighting -> wanted.filter(sighting.from()::equals).isPresent());
    }

    /** Why a copy of the cluster {@code own} cannot be made or fed there; empty if it can. */
    static Optional<String> stranger(RemoteSighting remote, Optional<SystemId> own) {
        if (own.filter(id -> !id.equals(remote.systemId())).isPresent()) {
            return Optional.of("systemId=" + own.get().text() + " remote="
                    + remote.systemId().text());
        }
        return remote.slotFound().filter(found -> !found).isPresent()
                ? Optional.of("slot=" + remote.from().slot().orElse("-") + " missing")
                : Optional.empty();
    }

    /**
     * Why a copy whose WAL ends at {@code end} of {@code timeline} cannot follow; empty if it can.
     *
     * @param start where that timeline began, if that is known
     */
    static Optional<String> divergence(RemoteSighting remote, Timeline timeline, Optional<Lsn> start, Lsn end) {
        boolean behind = remote.endOf(timeline).isEmpty() && end.compareTo(remote.end()) > 0;
        return astray(remote, timeline, start, end)
                .or(() -> behind ? Optional.of(both(remote, timeline, end, "is ahead of it")) : Optional.empty());
    }

    /**
     * Why a copy is not on the other server's line: it has WAL that is left out there. Postgres goes by the numbers of timelines
     * and would stream a namesake.
     */
    static Optional<String> astray(RemoteSighting remote, Timeline timeline, Optional<Lsn> start, Lsn end) {
        Optional<RemoteSighting.Branch> branch = remote.branches().stream()
                .filter(known -> known.timeline().equals(timeline))
                .findFirst();
        boolean namesake = branch.isPresent()
                && timeline.id() != 1
                && start.filter(lsn -> !lsn.equals(branch.get().start())).isPresent();
        if (branch.isEmpty() || namesake) {
            return Optional.of(both(remote, timeline, end, "is not of its line"));
        }
        return remote.endOf(timeline)
                .filter(fork -> end.compareTo(fork) > 0)
                .map(fork -> both(remote, timeline, end, "is past its fork at " + fork));
    }

    private static String both(RemoteSighting remote, Timeline timeline, Lsn end, String what) {
        return "timeline=" + timeline + " lsn=" + end + " " + what + " remoteTimeline=" + remote.timeline()
                + " remoteLsn=" + remote.end();
    }

    /**
     * The line of timelines as that server has it. What was recorded of the same timelines stays; those that others began
     * count as begun in the epoch of the one before them, since no epoch of this cluster did.
     */
    static TimelineHistory line(RemoteSighting remote, TimelineHistory recorded) {
        List<TimelineHistory.Entry> line = new ArrayList<>();
        Epoch last = Epoch.NONE;
        for (RemoteSighting.Branch branch : remote.branches()) {
            Epoch before = last;
            TimelineHistory.Entry entry = recorded.entryOf(branch.timeline())
                    .filter(known -> known.start().equals(branch.start()))
                    .filter(known -> known.epoch().compareTo(before) >= 0)
                    .orElseGet(() -> new TimelineHistory.Entry(before, branch.timeline(), branch.start()));
            line.add(entry);
            last = entry.epoch();
        }
        return new TimelineHistory(line);
    }
}
