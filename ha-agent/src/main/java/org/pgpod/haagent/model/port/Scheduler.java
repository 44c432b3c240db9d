package org.pgpod.haagent.model.port;

import java.time.Duration;

/**
 * Runs the loop's work. Tasks of one lane run one after the other, in order; lanes run independently, so that a blocked
 * lane delays no other. The loop owns no thread: production gives every lane its own, a simulator runs all on one.
 */
public interface Scheduler {
    /** The independent strands of work. */
    enum Lane {
        /** Reads and renews the leader Lease, and makes every write of it. */
        RENEW,
        /** Lists member Leases and writes our own. */
        MEMBERS,
        /** Reads the cluster's dynamic configuration and the parameters of the running server. */
        CONFIGURATION,
        /** Asks the other cluster that this one follows. */
        REMOTE,
        /** Looks after the replication slots. */
        SLOTS,
        /** Asks other agents for promises while the API is silent. */
        PROMISE,
        /** Reads the supervisor, the volume, the proxy and Postgres. */
        LOCAL,
        /** Reads how the probe of the volume went: apart, for reading the volume itself may hang with it. */
        STORAGE,
        /** Waits for the first word of a new session of Postgres. */
        GREETING,
        /** Decides. */
        DECIDE,
        /** Carries out the one action in flight. */
        ACTION,
        /** Runs what the pod's template wants done at events; nothing waits for it but a stop that was asked for. */
        HOOK,
        /** Ends a primary whose term is over; depends on nothing that can block. */
        FENCE
    }

    /** Runs {@code task} in {@code lane} now and then every {@code interval}; a late run is not made up for. */
    void every(Lane lane, Duration interval, Runnable task);

    /** Runs {@code task} in {@code lane} as soon as the lane is free. */
    void submit(Lane lane, Runnable task);
}
