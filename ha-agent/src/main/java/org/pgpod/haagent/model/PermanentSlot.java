package org.pgpod.haagent.model;

/**
 * A replication slot that the operator wants to exist whoever is the primary: an entry of {@code slots} in the dynamic
 * configuration.
 */
public sealed interface PermanentSlot {
    String name();

    /** It exists on every member; on standbys it moves on with the primary's. */
    record Physical(String name) implements PermanentSlot {}

    /** It is made on the primary; from Postgres 17 on, standbys have it too. */
    record Logical(String name, String database, String plugin) implements PermanentSlot {}
}
