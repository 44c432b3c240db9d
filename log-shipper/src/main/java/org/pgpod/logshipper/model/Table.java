package org.pgpod.logshipper.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pgpod.logshipper.model.Column.Kind;

/**
 * The tables that rows are copied into, with their columns in the order in which rows carry them. {@link #IDENTITY} stands
 * before each table's own columns.
 */
@SuppressWarnings("ImmutableEnumChecker") // The list and the maps cannot be changed once they are made.
public enum Table {
    /** Records of Postgres: the keys of jsonlog of Postgres 15 to 18, in the order of the manual, and what is known of them. */
    POSTGRES_LOG(
            "postgres_log",
            Column.time("log_time", "timestamp"),
            Column.text("user_name", "user"),
            Column.text("database_name", "dbname"),
            Column.integer("pid", "pid"),
            Column.text("remote_host", "remote_host"),
            Column.integer("remote_port", "remote_port"),
            Column.text("session_id", "session_id"),
            Column.bigint("line_num", "line_num"),
            Column.text("ps", "ps"),
            Column.time("session_start", "session_start"),
            Column.text("vxid", "vxid"),
            Column.bigint("txid", "txid"),
            Column.text("error_severity", "error_severity"),
            Column.text("state_code", "state_code"),
            Column.text("message", "message"),
            Column.text("detail", "detail"),
            Column.text("hint", "hint"),
            Column.text("internal_query", "internal_query"),
            Column.integer("internal_position", "internal_position"),
            Column.text("context", "context"),
            Column.text("statement", "statement"),
            Column.integer("cursor_position", "cursor_position"),
            Column.text("func_name", "func_name"),
            Column.text("file_name", "file_name"),
            Column.integer("file_line_num", "file_line_num"),
            Column.text("application_name", "application_name"),
            Column.text("backend_type", "backend_type"),
            Column.integer("leader_pid", "leader_pid"),
            Column.bigint("query_id", "query_id"),
            Column.own("event", Kind.TEXT),
            Column.own("duration_micros", Kind.BIGINT),
            Column.own("fingerprint", Kind.TEXT),
            Column.own("plan", Kind.JSONB),
            Column.own(Table.TRUNCATED, Kind.BIGINT),
            Column.own(Table.EXTRA, Kind.JSONB)),

    /** Records of the sidecars. */
    SIDECAR_LOG(
            "sidecar_log",
            Column.time("log_time", "timestamp"),
            Column.text("sidecar", "sidecar"),
            Column.text("instance", "instance"),
            Column.bigint("line", "line"),
            Column.text("level", "level"),
            Column.text("logger", "logger"),
            Column.text("thread", "thread"),
            Column.text("message", "message"),
            Column.text("exception", "exception"),
            Column.own(Table.TRUNCATED, Kind.BIGINT),
            Column.own(Table.EXTRA, Kind.JSONB)),

    /** Lines that Postgres's programs and libraries wrote to standard error, as they stand. */
    POSTGRES_STDERR(
            "postgres_stderr",
            Column.own("log_time", Kind.TIMESTAMP),
            Column.own("file_number", Kind.INTEGER),
            Column.own("file_name", Kind.TEXT),
            Column.own("position", Kind.BIGINT),
            Column.own("line", Kind.TEXT),
            Column.own(Table.TRUNCATED, Kind.BIGINT)),

    /** Records that fit no other table, as bytes, with the reason. */
    DEAD_LETTER(
            "dead_letter",
            Column.own("log_time", Kind.TIMESTAMP),
            Column.own("stream", Kind.TEXT),
            Column.own("file_number", Kind.INTEGER),
            Column.own("file_name", Kind.TEXT),
            Column.own("position", Kind.BIGINT),
            Column.own("length", Kind.BIGINT),
            Column.own("reason", Kind.TEXT),
            Column.own("raw", Kind.BYTES),
            Column.own("raw_sha256", Kind.TEXT));

    /** The size in its file of a record that was too long to be stored whole; null for all others. */
    public static final String TRUNCATED = "truncated_from_bytes";

    /** The keys of a record that have no column of their own. */
    public static final String EXTRA = "extra";

    /** What every row begins with: where it comes from. */
    public static final List<String> IDENTITY = List.of("cluster", "namespace", "pod", "node", "source_id");

    private final String sqlName;
    private final List<Column> columns;
    private final Map<String, Integer> byKey;
    private final Map<String, Integer> byName;

    Table(String sqlName, Column... columns) {
        this.sqlName = sqlName;
        this.columns = List.of(columns);
        Map<String, Integer> keys = new HashMap<>();
        Map<String, Integer> names = new HashMap<>();
        for (int i = 0; i < columns.length; i++) {
            names.put(columns[i].name(), i);
            if (!columns[i].key().isEmpty()) {
                keys.put(columns[i].key(), i);
            }
        }
        byKey = Map.copyOf(keys);
        byName = Map.copyOf(names);
    }

    public String sqlName() {
        return sqlName;
    }

    /** The table's own columns, without {@link #IDENTITY}. */
    public List<Column> columns() {
        return columns;
    }

    /** The names of all columns in the order of a row. */
    public List<String> rowColumns() {
        return Stream.concat(IDENTITY.stream(), columns.stream().map(Column::name))
                .toList();
    }

    /** The column that takes the value of this JSON key, or -1. */
    public int columnOfKey(String key) {
        Integer column = byKey.get(key);
        return column == null ? -1 : column;
    }

    /** The index of a column among the table's own; asking for one that is not there is a bug. */
    public int column(String name) {
        Integer column = byName.get(name);
        if (column == null) {
            throw new IllegalArgumentException(sqlName + " has no column " + name);
        }
        return column;
    }
}
