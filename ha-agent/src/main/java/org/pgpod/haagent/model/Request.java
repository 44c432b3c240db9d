package org.pgpod.haagent.model;

import java.util.Optional;

/** Something a person asked of this agent. */
public sealed interface Request {
    /** Unique within the life of the agent; answers name it. */
    String id();

    /** Hand the primary over in order; asked of the primary. Empty {@code candidate} takes the best standby. */
    record Switchover(String id, Optional<String> candidate) implements Request {}

    /**
     * Take the cluster over although that may lose data; asked of the member that is to become the primary, and good only
     * while the leader Lease has {@code leaseVersion}.
     */
    record Failover(String id, String leaseVersion) implements Request {}

    /** Restart the local Postgres as what it is. */
    record Restart(String id) implements Request {}

    /** Throw the local copy away and clone it anew; refused on the holder of the leader Lease. */
    record Reinitialize(String id) implements Request {}

    /** Suspend or resume automatic actions; asked of the holder, which copies it into the record. */
    record Pause(String id, boolean wanted) implements Request {}

    /** Forget the member on {@code pod}, which is gone; asked of the primary. */
    record Remove(String id, String pod) implements Request {}
}
