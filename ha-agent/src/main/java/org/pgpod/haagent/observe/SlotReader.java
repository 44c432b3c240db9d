package org.pgpod.haagent.observe;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.client.PostgresSession;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotState;
import org.pgpod.haagent.model.port.Reading;

/** Reads {@code pg_replication_slots} of Postgres 13 and later; columns that a version lacks count as false. */
public final class SlotReader {
    private static final String SERVER = """
            select pg_is_in_recovery() as in_recovery,
                   case when pg_is_in_recovery() then coalesce(pg_last_wal_replay_lsn(), '0/0')
                        else pg_current_wal_flush_lsn() end::text as wal_end,
                   (select redo_lsn::text from pg_control_checkpoint()) as redo,
                   current_setting('server_version_num')::int as version,
                   current_setting('wal_level') as wal_level
            """;

    // What later versions added is read from the row's JSON, so that one text serves all.
    private static final String SLOTS = """
            with slot as (select * , to_jsonb(each) as json from pg_replication_slots each)
            select slot_name::text, slot_type = 'logical' as logical, coalesce(database::text, '') as database,
                   coalesce(plugin::text, '') as plugin, temporary, active, restart_lsn::text as restart,
                   case when wal_status = 'lost' then coalesce(json ->> 'invalidation_reason', 'wal_removed') end as lost,
                   coalesce(greatest(pg_wal_lsn_diff(?::pg_lsn, restart_lsn), 0), 0)::bigint as retained,
                   coalesce((json ->> 'failover')::boolean, false) as failover,
                   coalesce((json ->> 'synced')::boolean, false) as synced
              from slot order by slot_name
            """;

    private final PostgresSession session;

    /** @param session a session of the agent's own role, used by nobody who must not wait for this */
    public SlotReader(PostgresSession session) {
        this.session = session;
    }

    public Reading<SlotSighting> read(Duration timeout) {
        return session.run(timeout, SlotReader::read);
    }

    private static SlotSighting read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SERVER)) {
            if (!row.next()) {
                throw new SQLException("a query that always has a row had none");
            }
            String end = row.getString("wal_end");
            return new SlotSighting(
                    row.getBoolean("in_recovery"),
                    Lsn.parse(end),
                    Lsn.parse(row.getString("redo")),
                    row.getInt("version"),
                    row.getString("wal_level"),
                    slots(connection, end));
        }
    }

    private static List<SlotState> slots(Connection connection, String end) throws SQLException {
        List<SlotState> slots = new ArrayList<>();
        try (var statement = connection.prepareStatement(SLOTS)) {
            statement.setString(1, end);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    slots.add(slot(rows));
                }
            }
        }
        return slots;
    }

    private static SlotState slot(ResultSet row) throws SQLException {
        @Nullable String restart = row.getString("restart");
        return new SlotState(
                row.getString("slot_name"),
                row.getBoolean("logical") ? SlotState.Kind.LOGICAL : SlotState.Kind.PHYSICAL,
                row.getString("database"),
                row.getString("plugin"),
                row.getBoolean("temporary"),
                row.getBoolean("active"),
                Optional.ofNullable(restart).map(Lsn::parse),
                Optional.ofNullable(row.getString("lost")),
                row.getLong("retained"),
                row.getBoolean("failover"),
                row.getBoolean("synced"));
    }
}
