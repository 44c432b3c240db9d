package org.pgpod.wireproxy.lease;

/** Who asks for a session, as far as the lease makes a difference. */
public enum Caller {
    /** An application's ordinary session. */
    CLIENT,
    /** A pool of another pod, for its clients: in a hold it is asked to leave, because what it has sent cannot be given back. */
    POOL,
    /** Logical replication: cut like a client, but never parked, because it has no transaction of its own. */
    LOGICAL_REPLICATION,
    /** Another pod of the cluster, with SQL: pg_rewind. */
    PEER,
    /** A walsender without SQL, on whichever listener: never cut, because it carries no outcome of a client's work. */
    PHYSICAL_REPLICATION;

    /** Whether a switchover keeps it from beginning a transaction. */
    public boolean isHeld() {
        return this == CLIENT || this == POOL;
    }

    /** Whether a switchover parks it at a transaction boundary. */
    public boolean isParked() {
        return this == CLIENT;
    }

    /** Whether it is told when a commit was not confirmed by its synchronous standbys. Replication is relayed as it is. */
    public boolean awaitsCommits() {
        return this == CLIENT || this == POOL || this == PEER;
    }

    /** Whether run/proxy counts it as a session of a client. */
    public boolean isCounted() {
        return this == CLIENT || this == POOL || this == LOGICAL_REPLICATION;
    }
}
