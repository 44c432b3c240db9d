package org.pgpod.logshipper.search;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.sink.StoreSettings;

/** One connection to the store that only reads. Failures are {@link IOException}s that say where and what. */
public final class LogReader implements AutoCloseable {
    private static final String APPLICATION = "pgpod logs";
    private static final int FETCHED_ROWS = 1_000;

    /** Takes records one by one. */
    @FunctionalInterface
    interface Visitor {
        void visit(LogRow row) throws IOException;
    }

    private final Connection connection;
    private final String place;

    private LogReader(Connection connection, String place) {
        this.connection = connection;
        this.place = place;
    }

    /** Connects now; each statement may take as long as the settings' timeout says. */
    public static LogReader connect(StoreSettings settings) throws IOException {
        String place = "the store at " + settings.host() + ":" + settings.port() + "/" + settings.database();
        try {
            Connection connection = DriverManager.getConnection(settings.url(), settings.properties(APPLICATION));
            try {
                connection.setReadOnly(true);
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                connection.setAutoCommit(false);
                return new LogReader(connection, place);
            } catch (SQLException failed) {
                connection.close();
                throw failed;
            }
        } catch (SQLException failed) {
            throw failure(place, failed);
        }
    }

    /** From the next question on answers come from the store as it is then; until now all come from one state of it. */
    void refresh() throws IOException {
        try {
            connection.commit();
        } catch (SQLException failed) {
            throw failure(place, failed);
        }
    }

    /** The newest records, the oldest of them first; at most {@code most}. */
    List<LogRow> newest(Table table, LogFilter filter, int most) throws IOException {
        List<LogRow> rows = new ArrayList<>();
        query(table, filter, "DESC", Optional.of(most), rows::add);
        Collections.reverse(rows);
        return rows;
    }

    /** Every record, the oldest first; holds few of them in memory at a time. */
    void all(Table table, LogFilter filter, Visitor visitor) throws IOException {
        query(table, filter, "ASC", Optional.empty(), visitor);
    }

    private void query(Table table, LogFilter filter, String direction, Optional<Integer> most, Visitor visitor)
            throws IOException {
        Optional<LogFilter.Condition> condition = filter.on(table);
        if (condition.isEmpty()) {
            return;
        }
        String sql = "SELECT " + String.join(", ", table.rowColumns()) + " FROM pgpod_logs." + table.sqlName()
                + " WHERE " + condition.get().sql() + " ORDER BY "
                + SearchedTable.of(table).order(direction)
                + most.map(limit -> " LIMIT " + limit).orElse("");
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setFetchSize(FETCHED_ROWS);
            int parameter = 1;
            for (Object value : condition.get().parameters()) {
                statement.setObject(parameter++, value);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    visitor.visit(row(table, rows));
                }
            }
        } catch (SQLException failed) {
            throw failure(place, failed);
        }
    }

    private static LogRow row(Table table, ResultSet rows) throws SQLException {
        Map<String, String> values = new HashMap<>();
        for (String column : table.rowColumns()) {
            String value = rows.getString(column);
            if (value != null) {
                values.put(column, value);
            }
        }
        return new LogRow(table, time(rows), values);
    }

    private static Instant time(ResultSet rows) throws SQLException {
        return rows.getObject("log_time", OffsetDateTime.class).toInstant();
    }

    private static IOException failure(String place, SQLException failed) {
        return new IOException(place + ": " + failed.getMessage(), failed);
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException failed) {
            throw failure(place, failed);
        }
    }
}
