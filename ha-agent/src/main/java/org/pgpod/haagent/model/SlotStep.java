package org.pgpod.haagent.model;

import org.pgpod.core.postgres.Lsn;

/** One change of a replication slot, idempotent; none of them touches a slot that is in use. */
public sealed interface SlotStep {
    String name();

    /** Make a physical slot that keeps WAL from the last checkpoint on. */
    record CreatePhysical(String name) implements SlotStep {}

    /** Make a logical slot; {@code failover} asks for copies on the standbys. */
    record CreateLogical(String name, String database, String plugin, boolean failover) implements SlotStep {}

    /** Remove it and let go of the WAL that it keeps. */
    record Drop(String name, String why) implements SlotStep {}

    /** Let go of the WAL before {@code to}. */
    record Advance(String name, Lsn to) implements SlotStep {}
}
