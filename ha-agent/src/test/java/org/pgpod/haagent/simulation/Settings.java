package org.pgpod.haagent.simulation;

import java.time.Duration;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.StorageSettings;

/** Settings that differ from the defaults in one point. */
final class Settings {
    private Settings() {}

    static HaAgentSettings withLag(HaAgentSettings from, long maximumLagOnFailover) {
        return with(from, maximumLagOnFailover, from.aliveWindow(), from.storage());
    }

    static HaAgentSettings withAliveWindow(HaAgentSettings from, Duration aliveWindow) {
        return with(from, from.maximumLagOnFailover(), aliveWindow, from.storage());
    }

    static HaAgentSettings withStorage(HaAgentSettings from, StorageSettings.OnFailure onFailure) {
        StorageSettings storage = new StorageSettings(onFailure, from.storage().timeout());
        return with(from, from.maximumLagOnFailover(), from.aliveWindow(), storage);
    }

    private static HaAgentSettings with(
            HaAgentSettings from, long maximumLagOnFailover, Duration aliveWindow, StorageSettings storage) {
        return new HaAgentSettings(
                from.timings(),
                maximumLagOnFailover,
                from.primaryStartTimeout(),
                from.loopInterval(),
                from.voteWait(),
                from.rankStep(),
                aliveWindow,
                from.memberRefresh(),
                from.releasedGrace(),
                from.holdTimeout(),
                from.drainTimeout(),
                from.shutdownTimeout(),
                from.startTimeout(),
                from.toolTimeout(),
                from.synchronous(),
                storage,
                from.preference(),
                from.hangTimeout(),
                from.memberSlotsTtl());
    }
}
