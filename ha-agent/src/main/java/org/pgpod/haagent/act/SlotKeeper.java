package org.pgpod.haagent.act;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import org.pgpod.haagent.model.SlotStep;

/**
 * Changes replication slots, each step idempotent. A slot in use is never touched, and nothing is done on a server that
 * has begun or ended recovery since the step was decided.
 */
final class SlotKeeper {
    private static final String DROP = """
            select pg_drop_replication_slot(slot_name) from pg_replication_slots
             where slot_name = ? and not active and pg_is_in_recovery() = ?
            """;
    private static final String DROP_LOST = """
            select pg_drop_replication_slot(slot_name) from pg_replication_slots
             where slot_name = ? and not active and wal_status = 'lost'
            """;
    private static final String CREATE_PHYSICAL = """
            select pg_create_physical_replication_slot(name, true) from (values (?::name, ?::boolean)) as wanted (name, standby)
             where pg_is_in_recovery() = standby
                   and not exists (select from pg_replication_slots where slot_name = wanted.name)
            """;
    private static final String ADVANCE = """
            select pg_replication_slot_advance(slot_name, ?::pg_lsn) from pg_replication_slots
             where slot_name = ? and not active and restart_lsn < ?::pg_lsn and pg_is_in_recovery() = ?
            """;
    private static final String CREATE_LOGICAL = """
            select pg_create_logical_replication_slot(name, ?, false) from (values (?::name)) as wanted (name)
             where not pg_is_in_recovery()
                   and not exists (select from pg_replication_slots where slot_name = wanted.name)
            """;

    // The arguments after the plugin: temporary, two-phase decoding, failover.
    private static final String CREATE_FAILOVER = """
            select pg_create_logical_replication_slot(name, ?, false, false, true)
              from (values (?::name)) as wanted (name)
             where not pg_is_in_recovery()
                   and not exists (select from pg_replication_slots where slot_name = wanted.name)
            """;

    /** Makes the physical slots that are missing on a primary; one that lost its WAL counts as missing. */
    boolean ensure(Connection connection, Set<String> wanted) throws SQLException {
        boolean changed = false;
        for (String slot : wanted) {
            changed |= run(connection, DROP_LOST, slot);
            changed |= run(connection, CREATE_PHYSICAL, slot, false);
        }
        return changed;
    }

    /** Carries out {@code step} on a server that is in recovery or is not; a logical slot is made in its own database. */
    boolean perform(Connection connection, SlotStep step, boolean inRecovery) throws SQLException {
        return switch (step) {
            case SlotStep.Drop(String name, String ignored) -> run(connection, DROP, name, inRecovery);
            case SlotStep.CreatePhysical(String name) -> run(connection, CREATE_PHYSICAL, name, inRecovery);
            case SlotStep.Advance(String name, var to) ->
                run(connection, ADVANCE, to.toString(), name, to.toString(), inRecovery);
            case SlotStep.CreateLogical(String name, String ignored, String plugin, boolean failover) ->
                run(connection, failover ? CREATE_FAILOVER : CREATE_LOGICAL, plugin, name);
        };
    }

    private static boolean run(Connection connection, String sql, Object... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int index = 0; index < arguments.length; index++) {
                statement.setObject(index + 1, arguments[index]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }
}
