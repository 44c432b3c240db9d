package org.pgpod.haagent.observe;

import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.client.PostgresSession;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.port.Reading;

/**
 * Reads {@link DatabaseFacts} in one round trip over a kept connection.
 *
 * <p>The batch asks in this order: is there a receiver, does the startup process wait for WAL, where is the end. With no
 * receiver and all local WAL replayed before the positions are read, the positions are exact: nothing can move them.
 */
public final class DatabaseReader {
    private static final String FACTS = """
            select pg_is_in_recovery() as in_recovery,
                   (select system_identifier::text from pg_control_system()) as system_id,
                   current_setting('server_version') as version,
                   current_setting('synchronous_standby_names') as synchronous_standby_names,
                   current_setting('primary_conninfo') = '' and current_setting('restore_command') = '' as detached,
                   (select coalesce(max(status), 'hidden') from pg_stat_wal_receiver having count(*) > 0) as receiver,
                   exists (select from pg_stat_activity where backend_type = 'startup'
                           and wait_event in ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval')) as waits_for_wal;
            select case when pg_is_in_recovery() then coalesce(pg_last_wal_receive_lsn(), '0/0') else '0/0' end::text
                       as received,
                   case when pg_is_in_recovery() then coalesce(pg_last_wal_replay_lsn(), '0/0')
                        else pg_current_wal_flush_lsn() end::text as replayed,
                   case when pg_is_in_recovery() then null
                        else substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8) end as written_timeline,
                   (select max(substr(name, 1, 8)) from pg_ls_waldir()
                     where pg_is_in_recovery() and name ~ '^[0-9A-F]{24}$') as file_timeline,
                   (select received_tli from pg_stat_wal_receiver) as received_timeline,
                   (select min_recovery_end_timeline from pg_control_recovery()) as recovery_timeline,
                   (select timeline_id from pg_control_checkpoint()) as checkpoint_timeline,
                   (select array_agg(slot_name::text) from pg_replication_slots
                     where slot_type = 'physical' and (active or coalesce(wal_status, '') <> 'lost')) as slots,
                   (select min(substr(name, 9)) from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$') as oldest_wal,
                   (select bytes_per_wal_segment from pg_control_init()) as segment_bytes,
                   exists (select from pg_settings where pending_restart) as pending_restart;
            select sender.pid, application_name, state, coalesce(flush_lsn, '0/0')::text as flushed,
                   coalesce(reply_time::text, '') as reply_time,
                   (select slot_name::text from pg_replication_slots slot where slot.active_pid = sender.pid) as slot
              from pg_stat_replication sender
            """;

    private final List<PostgresSession> sessions;
    private final SettingsCheck settings;

    /** What two reads in a row must agree on before a receiver that is gone counts as gone for good. */
    private final AtomicBoolean wasDetached = new AtomicBoolean();

    private final Map<Timeline, Lsn> starts = new ConcurrentHashMap<>();

    /**
     * @param agent the session of the agent's own role
     * @param administrator used while that role does not exist yet, and not kept
     * @param parameterFile the file that managed settings must come from
     */
    public DatabaseReader(PostgresSession agent, PostgresSession administrator, Path parameterFile) {
        this.sessions = List.of(agent, administrator);
        this.settings = new SettingsCheck(parameterFile);
    }

    public Reading<DatabaseFacts> read(Duration timeout) {
        Reading<DatabaseFacts> first = sessions.getFirst().run(timeout, this::facts);
        if (first instanceof Reading.Value<DatabaseFacts>
                || !sessions.getFirst().loginRefused()) {
            return first;
        }
        Reading<DatabaseFacts> second = sessions.getLast().run(timeout, this::facts);
        sessions.getLast().close();
        return second;
    }

    private DatabaseFacts facts(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(FACTS);
            Situation situation = situation(row(statement));
            statement.getMoreResults();
            Positions positions = positions(row(statement));
            statement.getMoreResults();
            List<DatabaseFacts.Sender> senders = senders(statement.getResultSet());
            boolean stillDetached = wasDetached.getAndSet(situation.detached()) && situation.detached();
            return new DatabaseFacts(
                    situation.systemId(),
                    situation.inRecovery(),
                    positions.timeline(),
                    timelineStart(statement, positions.timeline()),
                    positions.received(),
                    positions.replayed(),
                    !situation.inRecovery() || situation.waitsForWal(),
                    situation.receiver(),
                    stillDetached,
                    senders,
                    positions.slots(),
                    positions.checkpointTimeline(),
                    positions.oldestWal(),
                    situation.synchronousStandbyNames(),
                    settings.inForce(connection),
                    positions.pendingRestart(),
                    situation.version());
        }
    }

    private static ResultSet row(Statement statement) throws SQLException {
        ResultSet result = statement.getResultSet();
        if (!result.next()) {
            throw new SQLException("a query that always has a row had none");
        }
        return result;
    }

    private record Situation(
            boolean inRecovery,
            SystemId systemId,
            String version,
            String synchronousStandbyNames,
            boolean detached,
            DatabaseFacts.Receiver receiver,
            boolean waitsForWal) {}

    private static Situation situation(ResultSet row) throws SQLException {
        String version = row.getString("version");
        int end = version.indexOf(' ');
        return new Situation(
                row.getBoolean("in_recovery"),
                new SystemId(row.getString("system_id")),
                end < 0 ? version : version.substring(0, end),
                String.valueOf(row.getString("synchronous_standby_names")),
                row.getBoolean("detached"),
                receiver(Optional.ofNullable(row.getString("receiver"))),
                row.getBoolean("waits_for_wal"));
    }

    private static DatabaseFacts.Receiver receiver(Optional<String> status) {
        if (status.isEmpty()) {
            return DatabaseFacts.Receiver.NONE;
        }
        return status.get().equals("streaming") ? DatabaseFacts.Receiver.STREAMING : DatabaseFacts.Receiver.CONNECTING;
    }

    private record Positions(
            Lsn received,
            Lsn replayed,
            Timeline timeline,
            Timeline checkpointTimeline,
            Optional<Lsn> oldestWal,
            Set<String> slots,
            boolean pendingRestart) {}

    private static Positions positions(ResultSet row) throws SQLException {
        Timeline checkpoint = new Timeline(row.getInt("checkpoint_timeline"));
        long segmentBytes = row.getLong("segment_bytes");
        int timeline = Math.max(checkpoint.id(), row.getInt("recovery_timeline"));
        timeline = Math.max(timeline, row.getInt("received_timeline"));
        timeline = Math.max(timeline, hexadecimal(row.getString("file_timeline")));
        timeline = Math.max(timeline, hexadecimal(row.getString("written_timeline")));
        return new Positions(
                Lsn.parse(row.getString("received")),
                Lsn.parse(row.getString("replayed")),
                new Timeline(timeline),
                checkpoint,
                Optional.ofNullable(row.getString("oldest_wal")).map(file -> startOf(file, segmentBytes)),
                texts(row.getArray("slots")),
                row.getBoolean("pending_restart"));
    }

    /** Where a WAL file begins, by its name without the timeline: the number of its 4 GiB, and its number in them. */
    private static Lsn startOf(String file, long segmentBytes) {
        int half = file.length() / 2;
        long number = Long.parseLong(file.substring(half), 16);
        return new Lsn((Long.parseLong(file.substring(0, half), 16) << Integer.SIZE) + number * segmentBytes);
    }

    private static int hexadecimal(@org.jspecify.annotations.Nullable String text) {
        return text == null ? 0 : Integer.parseInt(text, 16);
    }

    private static Set<String> texts(@org.jspecify.annotations.Nullable Array array) throws SQLException {
        return array == null ? Set.of() : new HashSet<>(List.of((String[]) array.getArray()));
    }

    private static List<DatabaseFacts.Sender> senders(ResultSet rows) throws SQLException {
        List<DatabaseFacts.Sender> senders = new ArrayList<>();
        while (rows.next()) {
            // A role without pg_monitor sees that somebody is there, and no more.
            String state = rows.getString("state");
            senders.add(new DatabaseFacts.Sender(
                    rows.getInt("pid"),
                    String.valueOf(rows.getString("application_name")),
                    state == null ? "hidden" : state,
                    Lsn.parse(rows.getString("flushed")),
                    Optional.ofNullable(rows.getString("slot")),
                    String.valueOf(rows.getString("reply_time"))));
        }
        return senders;
    }

    /** Where {@code timeline} branched off: the last line of its history file, which never changes once it is there. */
    private Optional<Lsn> timelineStart(Statement statement, Timeline timeline) throws SQLException {
        if (timeline.id() == 1) {
            return Optional.empty();
        }
        Lsn known = starts.get(timeline);
        if (known != null) {
            return Optional.of(known);
        }
        try (ResultSet row = statement.executeQuery(
                "select pg_read_file('pg_wal/" + timeline.historyFileName() + "', 0, 65536, true)")) {
            Optional<Lsn> start = row.next() ? lastSwitch(Optional.ofNullable(row.getString(1))) : Optional.empty();
            start.ifPresent(lsn -> starts.put(timeline, lsn));
            return start;
        }
    }

    private static Optional<Lsn> lastSwitch(Optional<String> history) {
        Optional<Lsn> last = Optional.empty();
        for (String line : history.orElse("").split("\n", -1)) {
            String[] fields = line.strip().split("\\s+", 3);
            if (fields.length >= 2 && fields[0].matches("[0-9]+")) {
                last = Optional.of(Lsn.parse(fields[1]));
            }
        }
        return last;
    }
}
