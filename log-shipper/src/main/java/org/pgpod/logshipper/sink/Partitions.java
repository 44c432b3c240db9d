package org.pgpod.logshipper.sink;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.logshipper.model.Table;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition a day (UTC) for each table with a time of its own, made ahead and dropped when its day is older than the
 * retention. Rows of a day without a partition go to the default partition: nothing here can stop a batch.
 */
final class Partitions {
    /** Days after today that have a partition already. */
    private static final int DAYS_AHEAD = 3;

    /** Days before today for which one is made when a backlog needs it, if nothing limits them earlier. */
    private static final int DAYS_BACK_MAX = 400;

    /** A lock on the parent waits for readers and stops everyone behind it: rather try again later. */
    private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'";

    private static final List<Table> TABLES = List.of(Table.POSTGRES_LOG, Table.SIDECAR_LOG, Table.POSTGRES_STDERR);
    private static final Pattern NAME = Pattern.compile("([a-z_]+)_(\\d{8})");
    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);

    private final Connection connection;
    private final int retentionDays;
    private final Set<LocalDate> settled = new HashSet<>();
    private LocalDate today = LocalDate.EPOCH;

    Partitions(Connection connection, int retentionDays) {
        this.connection = connection;
        this.retentionDays = retentionDays;
    }

    /** Makes the partitions of the days to come, and removes what is too old. */
    void maintain() throws SQLException {
        settled.clear();
        today = readToday();
        for (int ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
            make(today.plusDays(ahead));
        }
        if (retentionDays > 0) {
            removeBefore(today.minusDays(retentionDays));
        }
    }

    /** Makes the partitions of these days, given as days since 1970, as far as they are within reason. */
    void make(Collection<Long> epochDays) throws SQLException {
        int back = retentionDays > 0 ? retentionDays : DAYS_BACK_MAX;
        for (long epochDay : epochDays) {
            LocalDate day = LocalDate.ofEpochDay(epochDay);
            if (!day.isBefore(today.minusDays(back)) && !day.isAfter(today.plusDays(DAYS_AHEAD))) {
                make(day);
            }
        }
    }

    private LocalDate readToday() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet now = statement.executeQuery("SELECT (now() AT TIME ZONE 'UTC')::date")) {
            now.next();
            return now.getObject(1, LocalDate.class);
        }
    }

    private void make(LocalDate day) throws SQLException {
        if (!settled.add(day)) {
            return;
        }
        for (Table table : TABLES) {
            String name = partition(table, day);
            if (!exists(name)) {
                change(
                        "CREATE TABLE IF NOT EXISTS pgpod_logs." + name + " PARTITION OF pgpod_logs." + table.sqlName()
                                + " FOR VALUES FROM ('" + day + " 00:00:00+00') TO ('" + day.plusDays(1)
                                + " 00:00:00+00')",
                        name);
            }
        }
    }

    private void removeBefore(LocalDate oldest) throws SQLException {
        for (String name : existing()) {
            if (dayOf(name).filter(day -> day.isBefore(oldest)).isPresent()) {
                change("DROP TABLE IF EXISTS pgpod_logs." + name, name);
            }
        }
        String old = " WHERE log_time < '" + oldest + " 00:00:00+00'";
        for (Table table : TABLES) {
            change("DELETE FROM pgpod_logs." + table.sqlName() + "_default" + old, table.sqlName());
        }
        change("DELETE FROM pgpod_logs.dead_letter" + old, "dead_letter");
    }

    private List<String> existing() throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT child.relname FROM pg_inherits"
                        + " JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent"
                        + " WHERE parent.relnamespace = 'pgpod_logs'::regnamespace AND child.relkind = 'r'")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    private boolean exists(String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet there = statement.executeQuery("SELECT to_regclass('pgpod_logs." + name + "') IS NOT NULL")) {
            there.next();
            return there.getBoolean(1);
        }
    }

    /** One change in a transaction of its own; one that fails leaves the store as it was and is tried again later. */
    private void change(String sql, String subject) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(LOCK_TIMEOUT);
            statement.execute("SELECT pg_advisory_xact_lock(" + StoreSchema.ADVISORY_LOCK + ")");
            statement.execute(sql);
            connection.commit();
        } catch (SQLException refused) {
            if (connection.isClosed()) {
                throw refused;
            }
            LOG.warn("store not maintained subject={} state={}", subject, refused.getSQLState(), refused);
        } finally {
            if (!connection.isClosed()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    private static String partition(Table table, LocalDate day) {
        return table.sqlName() + "_" + day.format(DateTimeFormatter.BASIC_ISO_DATE);
    }

    /** The day of a partition; empty for a table that is not one of ours. */
    private static Optional<LocalDate> dayOf(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()
                || TABLES.stream().noneMatch(table -> table.sqlName().equals(matcher.group(1)))) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDate.parse(matcher.group(2), DateTimeFormatter.BASIC_ISO_DATE));
        } catch (DateTimeParseException notADay) {
            return Optional.empty();
        }
    }
}
