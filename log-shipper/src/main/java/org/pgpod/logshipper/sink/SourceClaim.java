package org.pgpod.logshipper.sink;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.pgpod.logshipper.model.Source;

/**
 * This start's claim to a source. Each start of a shipper raises the source's epoch once; whoever does not hold the highest
 * may not write. The row's lock, taken in every transaction, puts all writers of a source into one order.
 */
final class SourceClaim {
    /** Belongs to nobody: the owner of a source between its first row and its first epoch. */
    private static final UUID NOBODY = new UUID(0, 0);

    private final Source source;
    private final UUID sourceId;
    private final UUID owner = UUID.randomUUID();
    private long epoch;

    SourceClaim(Source source) {
        this.source = source;
        this.sourceId = UUID.fromString(source.id());
    }

    /** This start's epoch; 0 before the first claim. */
    long epoch() {
        return epoch;
    }

    UUID sourceId() {
        return sourceId;
    }

    /** Whose the source is. */
    sealed interface Standing {
        /** This start's. */
        record Held() implements Standing {}

        /** Of a younger start, for good. */
        record Superseded(long epoch) implements Standing {}

        /** Not this start's, and not of a younger one either: it has not claimed it, or the store went back in time. */
        record Unclaimed() implements Standing {}
    }

    private record Row(long epoch, UUID owner) {}

    Standing standing(Connection connection) throws SQLException {
        return standing(read(connection, ""));
    }

    /** The same, holding the source's row until the transaction ends. */
    Standing lock(Connection connection) throws SQLException {
        return standing(read(connection, " FOR UPDATE"));
    }

    private Standing standing(Row row) {
        if (row.owner().equals(owner)) {
            return new Standing.Held();
        }
        return epoch > 0 && row.epoch() >= epoch ? new Standing.Superseded(row.epoch()) : new Standing.Unclaimed();
    }

    /** Makes the source's row if it is not there. */
    void insert(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO pgpod_logs.source (source_id, epoch, owner, cluster, namespace, pod, node, zone, opened_at)"
                        + " VALUES (?, 0, ?, ?, ?, ?, ?, ?, now()) ON CONFLICT DO NOTHING")) {
            statement.setObject(1, sourceId);
            statement.setObject(2, NOBODY);
            setPlace(statement, 3);
            statement.executeUpdate();
        }
    }

    /** Raises the epoch; the caller holds the row, commits, and then calls {@link #claimed}. */
    long claim(Connection connection) throws SQLException {
        long next = Math.max(read(connection, "").epoch(), epoch) + 1;
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE pgpod_logs.source SET epoch = ?, owner = ?, cluster = ?,"
                        + " namespace = ?, pod = ?, node = ?, zone = ?, opened_at = now() WHERE source_id = ?")) {
            statement.setLong(1, next);
            statement.setObject(2, owner);
            setPlace(statement, 3);
            statement.setObject(8, sourceId);
            statement.executeUpdate();
        }
        return next;
    }

    /** Takes note of the epoch once its claim is committed. */
    void claimed(long committed) {
        epoch = committed;
    }

    // A session whose client is gone may still hold the source's row, and may even be about to commit.
    static void endEarlierSessions(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE application_name = current_setting('application_name') AND usename = current_user"
                    + " AND datname = current_database() AND pid <> pg_backend_pid()");
        }
    }

    private Row read(Connection connection, String lock) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT epoch, owner FROM pgpod_logs.source WHERE source_id = ?" + lock)) {
            statement.setObject(1, sourceId);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? new Row(rows.getLong(1), rows.getObject(2, UUID.class)) : new Row(0, NOBODY);
            }
        }
    }

    /** Sets cluster, namespace, pod, node and zone as five parameters. */
    void setPlace(PreparedStatement statement, int first) throws SQLException {
        statement.setString(first, source.cluster());
        statement.setString(first + 1, source.namespace());
        statement.setString(first + 2, source.pod());
        statement.setString(first + 3, source.node().orElse(null));
        statement.setString(first + 4, source.zone().orElse(null));
    }
}
