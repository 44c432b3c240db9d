package org.pgpod.haagent.simulation;

import java.util.ArrayList;
import java.util.List;

/** Something that goes wrong, or that a person does; the weight says how often, against the others. */
enum Fault {
    POD_CRASHES(5, Blows::podCrashes),
    ALL_PODS_CRASH(1, Blows::allPodsCrash),
    AGENT_DIES(5, Blows::agentDies),
    AGENT_STOPS(2, Blows::agentStops),
    POSTMASTER_DIES(3, Blows::postmasterDies),
    SUPERVISOR_DIES(3, Blows::supervisorDies),
    SUPERVISOR_STOPS(2, Blows::supervisorStops),
    NODE_PAUSES(3, Blows::nodePauses),
    NODE_REBOOTS_KEEPING_RUN(2, Blows::nodeRebootsKeepingRun),
    API_TROUBLE(10, Blows::apiTrouble),
    API_GONE(2, Blows::apiGone),
    LEASE_WRITTEN_BY_A_PERSON(1, Blows::leaseWrittenByAPerson),
    LEASE_DELETED(2, Blows::leaseDeleted),
    NETWORK_CUT(4, Blows::networkCut),
    NETWORK_SLOW(2, Blows::networkSlow),
    REPLAY_PAUSED(2, Blows::replayPaused),
    DATABASE_HANGS(1, Blows::databaseHangs),
    TOKEN_CANNOT_BE_WRITTEN(2, Blows::tokenCannotBeWritten),
    HISTORY_MISSING(1, Blows::historyMissing),
    WALSENDER_LATE(3, Blows::walsenderLate),
    NAME_BORNE_TWICE(2, Blows::nameBorneTwice),
    VOLUME_FAILS(3, Blows::volumeFails),
    PROMOTED_BY_HAND(0, Blows::promotedByHand),
    PROMOTION_REFUSED(2, Blows::promotionRefused),
    LIBRARIES_MISSING(1, Blows::librariesMissing),
    TOOL_BREAKS(3, Blows::toolBreaks),
    VOLUME_WIPED(2, Blows::volumeWiped),
    POD_FORCE_DELETED(3, Blows::podForceDeleted),
    SWITCHOVER_ASKED(8, Blows::switchoverAsked),
    CONTAINER_STOPS(2, Blows::containerStops),
    RESTART_ASKED(3, Blows::restartAsked),
    REINITIALIZE_ASKED(3, Blows::reinitializeAsked),
    PAUSE_ASKED(1, Blows::pauseAsked);

    /** What it does to one pod of a cluster. */
    private interface Blow {
        void strike(Cluster cluster, Pod pod);
    }

    private static final List<Fault> DRAWN = drawn();

    private final int weight;
    // References to static methods: nothing that could change.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Blow blow;

    Fault(int weight, Blow blow) {
        this.weight = weight;
        this.blow = blow;
    }

    void strike(Cluster cluster, Pod pod) {
        blow.strike(cluster, pod);
    }

    private static List<Fault> drawn() {
        List<Fault> all = new ArrayList<>();
        for (Fault fault : values()) {
            for (int number = 0; number < fault.weight; number++) {
                all.add(fault);
            }
        }
        return List.copyOf(all);
    }

    static Fault any(Chance chance) {
        return chance.of(DRAWN);
    }
}
