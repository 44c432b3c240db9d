package org.pgpod.haagent.model;

import java.time.Duration;

/**
 * The configuration of one agent, already checked.
 *
 * @param timings the lease's timings, a preset or the operator's own
 * @param maximumLagOnFailover bytes of WAL that a candidate may lack against the record
 * @param primaryStartTimeout how long an elected member may take to open its Postgres, and a crashed primary to come back
 * @param loopInterval how often facts are read and decided upon when nothing happens
 * @param voteWait how long a voter waits for the votes of others
 * @param rankStep how much longer each next-best of equally advanced candidates waits
 * @param aliveWindow members unheard of for longer have no say in an election
 * @param memberRefresh how often the member Lease is written when nothing changes
 * @param releasedGrace how long others leave a released Lease to the preferred member
 * @param holdTimeout how long a switchover may hold clients
 * @param drainTimeout how long a switchover waits for running transactions before it ends them
 * @param shutdownTimeout how long a fast stop may take before it becomes an immediate one
 * @param startTimeout how long one start of a standby may take
 * @param toolTimeout the limit of initdb, clone, rewind and single-user recovery
 * @param synchronous how commits are to be replicated
 * @param storage what becomes of a primary whose volume fails
 * @param preference where the primary should rather be
 * @param hangTimeout how long Postgres may leave a new session without a word before it is killed; zero for ever
 * @param memberSlotsTtl how long the slot of a member that is gone keeps WAL
 * @param bootstrap how a cluster gets its first data
 * @param cloning how a member gets a copy
 * @param maintenance what may be done that nobody asked for, and when
 */
public record HaAgentSettings(
        LeaseTimings timings,
        long maximumLagOnFailover,
        Duration primaryStartTimeout,
        Duration loopInterval,
        Duration voteWait,
        Duration rankStep,
        Duration aliveWindow,
        Duration memberRefresh,
        Duration releasedGrace,
        Duration holdTimeout,
        Duration drainTimeout,
        Duration shutdownTimeout,
        Duration startTimeout,
        Duration toolTimeout,
        SynchronousSettings synchronous,
        StorageSettings storage,
        PreferenceSettings preference,
        Duration hangTimeout,
        Duration memberSlotsTtl,
        BootstrapSettings bootstrap,
        CloneSettings cloning,
        MaintenanceSettings maintenance) {

    private static final long LAG_BYTES = 1_048_576;

    /** Those of a cluster that begins in the standard way. */
    public HaAgentSettings(
            LeaseTimings timings,
            long maximumLagOnFailover,
            Duration primaryStartTimeout,
            Duration loopInterval,
            Duration voteWait,
            Duration rankStep,
            Duration aliveWindow,
            Duration memberRefresh,
            Duration releasedGrace,
            Duration holdTimeout,
            Duration drainTimeout,
            Duration shutdownTimeout,
            Duration startTimeout,
            Duration toolTimeout,
            SynchronousSettings synchronous,
            StorageSettings storage,
            PreferenceSettings preference,
            Duration hangTimeout,
            Duration memberSlotsTtl) {
        this(
                timings,
                maximumLagOnFailover,
                primaryStartTimeout,
                loopInterval,
                voteWait,
                rankStep,
                aliveWindow,
                memberRefresh,
                releasedGrace,
                holdTimeout,
                drainTimeout,
                shutdownTimeout,
                startTimeout,
                toolTimeout,
                synchronous,
                storage,
                preference,
                hangTimeout,
                memberSlotsTtl,
                BootstrapSettings.STANDARD,
                CloneSettings.STANDARD,
                MaintenanceSettings.STANDARD);
    }

    /** The same with other ways to get the first data, and copies of them. */
    public HaAgentSettings with(BootstrapSettings otherBootstrap, CloneSettings otherCloning) {
        return new HaAgentSettings(
                timings,
                maximumLagOnFailover,
                primaryStartTimeout,
                loopInterval,
                voteWait,
                rankStep,
                aliveWindow,
                memberRefresh,
                releasedGrace,
                holdTimeout,
                drainTimeout,
                shutdownTimeout,
                startTimeout,
                toolTimeout,
                synchronous,
                storage,
                preference,
                hangTimeout,
                memberSlotsTtl,
                otherBootstrap,
                otherCloning,
                maintenance);
    }

    /** The same with another way to replicate commits. */
    public HaAgentSettings with(SynchronousSettings other) {
        return new HaAgentSettings(
                timings,
                maximumLagOnFailover,
                primaryStartTimeout,
                loopInterval,
                voteWait,
                rankStep,
                aliveWindow,
                memberRefresh,
                releasedGrace,
                holdTimeout,
                drainTimeout,
                shutdownTimeout,
                startTimeout,
                toolTimeout,
                other,
                storage,
                preference,
                hangTimeout,
                memberSlotsTtl,
                bootstrap,
                cloning,
                maintenance);
    }

    /** The same with another preference for where the primary is. */
    public HaAgentSettings with(PreferenceSettings other) {
        return new HaAgentSettings(
                timings,
                maximumLagOnFailover,
                primaryStartTimeout,
                loopInterval,
                voteWait,
                rankStep,
                aliveWindow,
                memberRefresh,
                releasedGrace,
                holdTimeout,
                drainTimeout,
                shutdownTimeout,
                startTimeout,
                toolTimeout,
                synchronous,
                storage,
                other,
                hangTimeout,
                memberSlotsTtl,
                bootstrap,
                cloning,
                maintenance);
    }

    /** The same with other maintenance. */
    public HaAgentSettings with(MaintenanceSettings other) {
        return new HaAgentSettings(
                timings,
                maximumLagOnFailover,
                primaryStartTimeout,
                loopInterval,
                voteWait,
                rankStep,
                aliveWindow,
                memberRefresh,
                releasedGrace,
                holdTimeout,
                drainTimeout,
                shutdownTimeout,
                startTimeout,
                toolTimeout,
                synchronous,
                storage,
                preference,
                hangTimeout,
                memberSlotsTtl,
                bootstrap,
                cloning,
                other);
    }

    /** The defaults beside the given timings. */
    public static HaAgentSettings of(LeaseTimings timings) {
        return new HaAgentSettings(
                timings,
                LAG_BYTES,
                Duration.ofSeconds(60),
                Duration.ofMillis(500),
                timings.retryPeriod(),
                Duration.ofMillis(500),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofSeconds(15),
                Duration.ofSeconds(3),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofHours(6),
                SynchronousSettings.OFF,
                StorageSettings.STANDARD,
                PreferenceSettings.NONE,
                Duration.ofSeconds(30),
                Duration.ofMinutes(30));
    }
}
