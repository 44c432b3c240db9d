package org.pgpod.haagent.decide;

import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.VolumeState;

/**
 * Makes a cluster with a primary follow another one. The primary gives up the right to write only after an orderly stop, and
 * only for a server of the same system whose line holds all that this primary has written; otherwise it stays what it is, and
 * says why. Nothing is rewound or cloned by itself.
 */
final class StandbyDemotion {
    private StandbyDemotion() {}

    /** The next step, as the holder of an opened cluster; empty where it goes on as a primary. */
    static Optional<Step> decide(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        if (!StandbyElection.isWanted(now)) {
            return Optional.empty();
        }
        if (now.postgresIs(SupervisorState.Postgres.DOWN)) {
            return whileDown(now, mine, volume, memory);
        }
        return now.database()
                .filter(database ->
                        !database.inRecovery() && refusal(now, mine, database).isEmpty())
                .map(database ->
                        Step.act(new Action.Stop(SupervisorRequest.Stop.FAST), Reason.Code.STANDBY_DEMOTE, memory));
    }

    private static Optional<Step> whileDown(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        Optional<ControlData> control = now.local().control().known();
        if (control.isEmpty()) {
            return Optional.of(Step.act(new Action.ReadControl(), Reason.Code.FOLLOW_INSPECT, memory));
        }
        // Where a crash ended its WAL only a start shows, and then it is stopped in order.
        boolean clean = control.get().stoppedAsPrimary();
        Optional<String> refusal =
                refusal(now, mine, control.get().timeline(), control.get().checkpoint());
        return clean && refusal.isEmpty()
                ? Optional.of(
                        begin(now, mine, volume, "stopped at " + control.get().checkpoint(), memory))
                : Optional.empty();
    }

    /** Before a promotion has begun there is nothing to stop. */
    static Optional<Step> insteadOfPromotion(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        return StandbyElection.isWanted(now)
                ? Optional.of(begin(now, mine, volume, "not promoted yet", memory))
                : Optional.empty();
    }

    private static Step begin(Observation now, Standing.Mine mine, VolumeState volume, String detail, Memory memory) {
        return Step.act(
                StandbyElection.takeOver(now, mine.view(), mine.record(), volume),
                Reason.Code.STANDBY_DEMOTE,
                detail,
                memory);
    }

    /** Why the primary cannot follow the server that is wanted; empty if it can, or if nobody wants it to. */
    static Optional<String> refusal(Observation now, Standing.Mine mine, DatabaseFacts database) {
        return StandbyElection.isWanted(now)
                ? refusal(now, mine, database.timeline(), database.position())
                : Optional.empty();
    }

    private static Optional<String> refusal(Observation now, Standing.Mine mine, Timeline timeline, Lsn end) {
        Optional<RemoteSighting> seen = RemoteCheck.seen(now);
        if (seen.isEmpty()) {
            return Optional.of("the other server does not answer");
        }
        Optional<Lsn> start = mine.record().history().entryOf(timeline).map(TimelineHistory.Entry::start);
        // A standby of ours has the rest as soon as we have stopped.
        boolean follows = seen.get().timeline().equals(timeline);
        Lsn counted =
                follows && end.compareTo(seen.get().end()) > 0 ? seen.get().end() : end;
        return RemoteCheck.stranger(seen.get(), mine.record().systemId())
                .or(() -> RemoteCheck.divergence(seen.get(), timeline, start, counted));
    }
}
