package org.pgpod.haagent.model;

/** What the files in {@code run/conf} should make of Postgres. */
public sealed interface PostgresSettings {
    /** It is, or is about to be, the primary, and its commits wait for {@code synchronous}. */
    record Primary(MemberName self, SynchronousSet synchronous) implements PostgresSettings {}

    /** It follows {@code upstream} through that pod's wire-proxy, over the slot and application name of {@code self}. */
    record Standby(MemberName self, Upstream upstream) implements PostgresSettings {}

    /** It follows nobody: {@code primary_conninfo} and {@code restore_command} are empty. */
    record Detached(MemberName self) implements PostgresSettings {}

    MemberName self();
}
