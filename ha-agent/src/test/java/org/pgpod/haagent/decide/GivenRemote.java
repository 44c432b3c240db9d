package org.pgpod.haagent.decide;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.StandbyOutlook;
import org.pgpod.haagent.model.StandbyWish;
import org.pgpod.haagent.model.port.PodPort;

/** What is given besides where there is another cluster to follow. */
final class GivenRemote {
    static final RemotePrimary REMOTE = new RemotePrimary(
            "db.example",
            5432,
            "pgpod_replication",
            RemotePrimary.Security.VERIFY_FULL,
            Optional.of("east"),
            Optional.empty());

    private GivenRemote() {}

    /** The other cluster on {@link Given#LINE}, or, with timeline 3, one timeline later since {@code end}. */
    static RemoteSighting remote(int timeline, Lsn end) {
        List<RemoteSighting.Branch> branches = new ArrayList<>();
        branches.add(new RemoteSighting.Branch(new Timeline(1), Lsn.parse("0/1000000")));
        branches.add(new RemoteSighting.Branch(new Timeline(2), Given.FORK));
        if (timeline == 3) {
            branches.add(new RemoteSighting.Branch(new Timeline(3), end));
        }
        return new RemoteSighting(REMOTE, Given.SYSTEM, new Timeline(timeline), end, branches, Optional.of(true));
    }

    /** The cluster is to follow {@link #REMOTE}, and that one said {@code seen} a moment ago. */
    static Given toFollow(Given given, RemoteSighting seen) {
        given.standby = new StandbyOutlook(
                Fact.seen(new StandbyWish.On(REMOTE), Given.NOW - 500), Fact.seen(seen, Given.NOW - 1_000));
        return given;
    }

    static Given wishing(Given given, Fact<StandbyWish> wish) {
        given.standby = new StandbyOutlook(wish, given.standby.remote());
        return given;
    }

    /** We lead a standby cluster, and stream from {@link #REMOTE}. */
    static Given leading(Given given) {
        given.holder = "demo-1/u1";
        given.record(next -> next.phase(ClusterRecord.Phase.STANDBY).data(Given.OWN));
        given.term = Optional.of(given.termOf(given.record.epoch(), Given.NOW - 500));
        given.loaded = Optional.of(new PostgresSettings.Remote(Given.SELF, REMOTE));
        given.memory = given.memory
                .change()
                .labels(
                        Map.of(
                                "demo-0", PodPort.RoleLabel.REPLICA,
                                "demo-1", PodPort.RoleLabel.STANDBY_LEADER,
                                "demo-2", PodPort.RoleLabel.REPLICA),
                        Given.NOW - 1_000)
                .build();
        given.database = withSlots(Given.standby(2, Given.END, DatabaseFacts.Receiver.STREAMING, false));
        return toFollow(given, remote(2, Given.END));
    }

    static DatabaseFacts withSlots(DatabaseFacts from) {
        return new DatabaseFacts(
                from.systemId(),
                from.inRecovery(),
                from.timeline(),
                from.timelineStart(),
                from.received(),
                from.replayed(),
                from.replayAtEnd(),
                from.receiver(),
                from.detached(),
                from.senders(),
                Set.of("demo_0_000000b0", "demo_2_000000b2"),
                from.checkpointTimeline(),
                from.oldestWal(),
                from.synchronousStandbyNames(),
                from.settingsInForce(),
                from.pendingRestart(),
                from.version());
    }
}
