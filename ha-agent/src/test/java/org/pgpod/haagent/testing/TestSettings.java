package org.pgpod.haagent.testing;

import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.PreferenceSettings;
import org.pgpod.haagent.model.StorageSettings;

/** The standard settings of a fast cluster with some of them changed. */
public final class TestSettings {
    private TestSettings() {}

    public static HaAgentSettings of(StorageSettings storage, PreferenceSettings preference) {
        HaAgentSettings base = HaAgentSettings.of(LeaseTimings.Preset.FAST.timings());
        return new HaAgentSettings(
                base.timings(),
                base.maximumLagOnFailover(),
                base.primaryStartTimeout(),
                base.loopInterval(),
                base.voteWait(),
                base.rankStep(),
                base.aliveWindow(),
                base.memberRefresh(),
                base.releasedGrace(),
                base.holdTimeout(),
                base.drainTimeout(),
                base.shutdownTimeout(),
                base.startTimeout(),
                base.toolTimeout(),
                base.synchronous(),
                storage,
                preference,
                base.memberSlotsTtl());
    }
}
