package org.pgpod.haagent.model;

import java.util.Optional;
import org.pgpod.core.postgres.Lsn;

/**
 * One row of {@code pg_replication_slots}.
 *
 * @param database and {@code plugin} of a logical slot; empty text for a physical one
 * @param temporary whether it ends with its session
 * @param active whether somebody uses it now
 * @param restart the oldest WAL that it keeps; empty if it keeps none yet, or no more
 * @param lost why it is of no more use, such as {@code wal_removed}; empty while it is
 * @param retainedBytes how much WAL it keeps
 * @param failover whether standbys are to have it too, and {@code synced} whether it is such a copy; from Postgres 17 on
 */
public record SlotState(
        String name,
        Kind kind,
        String database,
        String plugin,
        boolean temporary,
        boolean active,
        Optional<Lsn> restart,
        Optional<String> lost,
        long retainedBytes,
        boolean failover,
        boolean synced) {
    /** What a slot serves. */
    public enum Kind {
        PHYSICAL,
        LOGICAL
    }
}
