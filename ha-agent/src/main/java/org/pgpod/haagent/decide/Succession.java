package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.VolumeState;

/**
 * Taking over a Lease that was released in order: whoever has all of the last holder's WAL may, without votes. The
 * preferred member goes first; the last holder itself goes last.
 */
final class Succession {
    /** How many steps later than the preferred member the others begin, and the last holder after them. */
    private static final int LAST_HOLDER_GRACES = 3;

    private Succession() {}

    /** Empty when this member may not take the Lease over this way now, and nothing speaks against an election. */
    static Optional<Step> decide(
            Observation now, Standing.Vacant vacant, VolumeState volume, DatabaseFacts database, Memory memory) {
        if (isComplete(vacant, volume, database)) {
            Duration turn = turn(now, vacant, volume);
            return Optional.of(
                    now.passed(turn, vacant.sinceMillis())
                            ? Step.act(
                                    Election.takeOver(now, vacant, volume, database),
                                    Reason.Code.SWITCHOVER_PREFERRED,
                                    "lsn=" + database.position(),
                                    memory)
                            : Step.rest(Reason.Code.SWITCHOVER_WAIT_PREFERRED, memory));
        }
        return now.passed(now.settings().releasedGrace(), vacant.sinceMillis())
                ? Optional.empty()
                : Optional.of(Step.rest(Reason.Code.SWITCHOVER_WAIT_PREFERRED, memory));
    }

    private static boolean isComplete(Standing.Vacant vacant, VolumeState volume, DatabaseFacts database) {
        boolean onLine = Divergence.of(database, volume, vacant.record().history()) == Divergence.NONE;
        boolean newest = vacant.record()
                .history()
                .last()
                .filter(entry -> entry.timeline().equals(database.timeline()))
                .isPresent();
        return onLine && newest && database.position().isAtLeast(vacant.record().lsn());
    }

    private static Duration turn(Observation now, Standing.Vacant vacant, VolumeState volume) {
        Duration grace = now.settings().releasedGrace();
        String self = now.self().holder().pod();
        if (volume.data().equals(vacant.record().data())) {
            return grace.multipliedBy(LAST_HOLDER_GRACES);
        }
        Optional<String> preferred = vacant.record().prefer();
        if (preferred.filter(self::equals).isPresent()) {
            return Duration.ZERO;
        }
        Duration mine = now.settings().rankStep().multipliedBy(rank(now, vacant, self));
        return preferred.isPresent() ? grace.plus(mine) : mine;
    }

    /** By priority, preferred zone and name alone: all who come this way have the same WAL. */
    private static int rank(Observation now, Standing.Vacant vacant, String self) {
        List<String> inOrder = now.alive().stream()
                .map(MemberSighting::status)
                .filter(status -> !status.tags().excludesFailover())
                .filter(status -> !status.data().equals(vacant.record().data()))
                .sorted(java.util.Comparator.comparing((MemberStatus status) ->
                                vacant.record().failed().contains(status.pod()))
                        .thenComparingInt(status -> -status.tags().failoverPriority())
                        .thenComparingInt(status -> now.settings().preference().rankOf(status.zone()))
                        .thenComparing(MemberStatus::pod))
                .map(MemberStatus::pod)
                .toList();
        int rank = inOrder.indexOf(self);
        return rank < 0 ? inOrder.size() : rank;
    }
}
