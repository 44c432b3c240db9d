package org.pgpod.haagent.model;

import java.util.Map;

/** What the files in {@code run/conf} should make of Postgres. */
public sealed interface PostgresSettings {
    /** It is, or is about to be, the primary, and its commits wait for {@code synchronous}. */
    record Primary(MemberName self, SynchronousSet synchronous) implements PostgresSettings {}

    /** It is a restored copy that recovers with these parameters, and then becomes the primary by itself. */
    record Recovering(MemberName self, Map<String, String> recovery) implements PostgresSettings {
        public Recovering {
            recovery = Map.copyOf(recovery);
        }
    }

    /** It follows {@code upstream} through that pod's wire-proxy, over the slot and application name of {@code self}. */
    record Standby(MemberName self, Upstream upstream) implements PostgresSettings {}

    /** Like {@link Standby}, of a copy that may lack WAL which {@code upstream} no longer has: {@code walCommand} fetches it. */
    record Fetching(MemberName self, Upstream upstream, String walCommand) implements PostgresSettings {}

    /** It follows nobody and takes all WAL from the archive, by {@code walCommand}. */
    record Archived(MemberName self, String walCommand) implements PostgresSettings {}

    /** It is the one of its cluster that follows another cluster. */
    record Remote(MemberName self, RemotePrimary remote) implements PostgresSettings {}

    /** It follows nobody: {@code primary_conninfo} and {@code restore_command} are empty. */
    record Detached(MemberName self) implements PostgresSettings {}

    MemberName self();
}
