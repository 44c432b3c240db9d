package org.pgpod.haagent.simulation;

import org.pgpod.haagent.model.HaAgentSettings;

/** Settings that differ from the defaults in one point. */
final class Settings {
    private Settings() {}

    static HaAgentSettings withLag(HaAgentSettings from, long maximumLagOnFailover) {
        return new HaAgentSettings(
                from.timings(),
                maximumLagOnFailover,
                from.primaryStartTimeout(),
                from.loopInterval(),
                from.voteWait(),
                from.rankStep(),
                from.aliveWindow(),
                from.memberRefresh(),
                from.releasedGrace(),
                from.holdTimeout(),
                from.drainTimeout(),
                from.shutdownTimeout(),
                from.startTimeout(),
                from.toolTimeout(),
                from.synchronous(),
                from.storage(),
                from.preference(),
                from.hangTimeout(),
                from.memberSlotsTtl());
    }
}
