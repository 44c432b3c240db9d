package org.pgpod.haagent.testing;

import java.time.Duration;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.PreferenceSettings;
import org.pgpod.haagent.model.StorageSettings;

/** The standard settings of a fast cluster with some of them changed. */
public final class TestSettings {
    private TestSettings() {}

    public static HaAgentSettings of(StorageSettings storage, PreferenceSettings preference) {
        return of(
                storage,
                preference,
                HaAgentSettings.of(LeaseTimings.Preset.FAST.timings()).toolTimeout());
    }

    /** With another limit for tools. */
    public static HaAgentSettings of(Duration toolTimeout) {
        return of(StorageSettings.STANDARD, PreferenceSettings.NONE, toolTimeout);
    }

    private static HaAgentSettings of(StorageSettings storage, PreferenceSettings preference, Duration toolTimeout) {
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
                toolTimeout,
                base.synchronous(),
                storage,
                preference,
                base.hangTimeout(),
                base.memberSlotsTtl());
    }
}
