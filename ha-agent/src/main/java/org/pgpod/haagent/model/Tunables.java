package org.pgpod.haagent.model;

import java.time.Duration;
import java.util.Optional;

/** Settings of the agent that the cluster's dynamic configuration may change while it runs; empty leaves them as they are. */
public record Tunables(
        Optional<Long> maximumLagOnFailover,
        Optional<Duration> primaryStartTimeout,
        Optional<Duration> holdTimeout,
        Optional<Duration> drainTimeout,
        Optional<Duration> shutdownTimeout,
        Optional<Duration> startTimeout,
        Optional<SynchronousSettings.Mode> synchronousMode,
        Optional<Boolean> synchronousStrict,
        Optional<Integer> synchronousNodes,
        Optional<Duration> memberSlotsTtl) {

    public static final Tunables NONE = new Tunables(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** The settings of this agent, with these in their place. */
    public HaAgentSettings over(HaAgentSettings own) {
        SynchronousSettings synchronous = own.synchronous();
        HaAgentSettings changed = new HaAgentSettings(
                own.timings(),
                maximumLagOnFailover.orElse(own.maximumLagOnFailover()),
                primaryStartTimeout.orElse(own.primaryStartTimeout()),
                own.loopInterval(),
                own.voteWait(),
                own.rankStep(),
                own.aliveWindow(),
                own.memberRefresh(),
                own.releasedGrace(),
                holdTimeout.orElse(own.holdTimeout()),
                drainTimeout.orElse(own.drainTimeout()),
                shutdownTimeout.orElse(own.shutdownTimeout()),
                startTimeout.orElse(own.startTimeout()),
                own.toolTimeout(),
                new SynchronousSettings(
                        synchronousMode.orElse(synchronous.mode()),
                        synchronousStrict.orElse(synchronous.strict()),
                        synchronousNodes.orElse(synchronous.nodeCount())),
                own.storage(),
                own.preference(),
                own.hangTimeout(),
                memberSlotsTtl.orElse(own.memberSlotsTtl()));
        return changed.with(own.bootstrap(), own.cloning()).with(own.maintenance());
    }
}
