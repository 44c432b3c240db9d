package org.pgpod.haagent.decide;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PreferenceSettings;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.Vote;

/**
 * One who may be elected, reduced to what the order of candidates looks at.
 *
 * @param data its data directory: votes count by it
 * @param place on the record's line of timelines; the reserved timeline, if the last holder got that far, comes last
 * @param failed whether it won a term since the last good one and could not open it
 * @param lacking whether it lacks libraries that the last holder had
 * @param priority higher is preferred
 * @param distance how far it is from where the primary should be: a preferred zone before all others, and then the zone
 *     of the last holder before another
 */
record Candidate(
        String pod,
        Optional<DataId> data,
        int place,
        Lsn lsn,
        boolean failed,
        boolean lacking,
        int priority,
        int distance) {
    /** Place and position alone: who lacks more is never elected over who lacks less. */
    static final Comparator<Candidate> ADVANCE =
            Comparator.comparingInt(Candidate::place).thenComparing(Candidate::lsn);

    /** Best first; a total order, since pods have different names. */
    static final Comparator<Candidate> BEST_FIRST = Comparator.comparing(Candidate::failed)
            .thenComparing(ADVANCE.reversed())
            .thenComparing(Candidate::lacking)
            .thenComparing(Comparator.comparingInt(Candidate::priority).reversed())
            .thenComparingInt(Candidate::distance)
            .thenComparing(Candidate::pod);

    /** The candidate behind a vote; empty when its WAL is not on the record's line or its tags exclude it. */
    static Optional<Candidate> of(
            MemberStatus status,
            Vote vote,
            ClusterRecord record,
            Optional<MemberStatus> last,
            PreferenceSettings preference) {
        Tags tags = status.tags();
        if (tags.excludesFailover() || status.destroying().isPresent() || !sameCluster(status, record)) {
            return Optional.empty();
        }
        return placeOf(vote, record)
                .map(place -> new Candidate(
                        status.pod(),
                        status.data(),
                        place,
                        vote.lsn(),
                        record.failed().contains(status.pod()),
                        lacksLibraries(status, last),
                        tags.failoverPriority(),
                        distance(status, last, preference)));
    }

    private static int distance(MemberStatus status, Optional<MemberStatus> last, PreferenceSettings preference) {
        boolean remote =
                last.filter(holder -> holder.zone().equals(status.zone())).isEmpty();
        return 2 * preference.rankOf(status.zone()) + (remote ? 1 : 0);
    }

    /** Whether it is one of {@code voters}, by its data and not only by its name. */
    boolean isOneOf(List<MemberName> voters) {
        return data.filter(id -> voters.contains(new MemberName(pod, id))).isPresent();
    }

    private static boolean sameCluster(MemberStatus status, ClusterRecord record) {
        return status.systemId().isPresent() && status.systemId().equals(record.systemId());
    }

    private static boolean lacksLibraries(MemberStatus status, Optional<MemberStatus> last) {
        Optional<String> wanted = last.flatMap(MemberStatus::libraries);
        return wanted.isPresent() && !wanted.equals(status.libraries());
    }

    private static Optional<Integer> placeOf(Vote vote, ClusterRecord record) {
        TimelineHistory line = record.history();
        Timeline timeline = vote.timeline();
        if (line.placeOf(timeline).isEmpty()) {
            boolean reserved =
                    timeline.equals(record.timeline()) && vote.epoch().equals(record.epoch());
            boolean first = line.entries().isEmpty() && timeline.id() == 1;
            return reserved || first ? Optional.of(line.entries().size()) : Optional.empty();
        }
        boolean otherEpoch = line.entryOf(timeline)
                .filter(entry -> vote.epoch().number() > 0 && vote.epoch().compareTo(entry.epoch()) < 0)
                .isPresent();
        boolean past = line.endOf(timeline)
                .filter(end -> vote.lsn().compareTo(end) > 0)
                .isPresent();
        return otherEpoch || past ? Optional.empty() : line.placeOf(timeline);
    }
}
