package org.pgpod.haagent.model;

import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Lsn;

/**
 * All replication slots of the local server, read at once.
 *
 * @param inRecovery {@code pg_is_in_recovery()}
 * @param end of the WAL it has written, or replayed if it is in recovery
 * @param redo where crash recovery would begin: no slot is needed for the WAL from there on
 * @param versionNumber such as {@code 150020}
 * @param walLevel in force
 */
public record SlotSighting(
        boolean inRecovery, Lsn end, Lsn redo, int versionNumber, String walLevel, List<SlotState> slots) {
    /** The first version that copies logical slots to standbys. */
    private static final int FAILOVER_SINCE = 170_000;

    public SlotSighting {
        slots = List.copyOf(slots);
    }

    public Optional<SlotState> slot(String name) {
        return slots.stream().filter(slot -> slot.name().equals(name)).findFirst();
    }

    /** Whether this version copies logical slots to standbys. */
    public boolean copiesLogicalSlots() {
        return versionNumber >= FAILOVER_SINCE;
    }
}
