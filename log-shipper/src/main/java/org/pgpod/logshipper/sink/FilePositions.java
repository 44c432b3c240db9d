package org.pgpod.logshipper.sink;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.Fingerprint;
import org.pgpod.logshipper.model.LogStream;

/** How far each file of a source is stored: the table {@code pgpod_logs.file}. */
final class FilePositions {
    /** How long a file that is gone is remembered, in case it comes back. */
    private static final String GONE_FILES_KEPT = "30 days";

    private static final String INSERT = "INSERT INTO pgpod_logs.file (stream, name, inode, position, head_bytes,"
            + " head_sha256, tail_bytes, tail_sha256, stored_at, source_id, file_number)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, now(), ?, ?)";
    private static final String UPDATE = "UPDATE pgpod_logs.file SET stream = ?, name = ?, inode = ?, position = ?,"
            + " head_bytes = ?, head_sha256 = ?, tail_bytes = ?, tail_sha256 = ?, stored_at = now()"
            + " WHERE source_id = ? AND file_number = ? AND position = ?";

    private final Connection connection;
    private final UUID sourceId;

    FilePositions(Connection connection, UUID sourceId) {
        this.connection = connection;
        this.sourceId = sourceId;
    }

    List<FileState> read() throws SQLException {
        List<FileState> files = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT file_number, stream, name, inode, position, head_bytes, head_sha256, tail_bytes, tail_sha256"
                        + " FROM pgpod_logs.file WHERE source_id = ? ORDER BY file_number")) {
            statement.setObject(1, sourceId);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    files.add(new FileState(
                            rows.getInt(1),
                            LogStream.valueOf(rows.getString(2).toUpperCase(Locale.ROOT)),
                            rows.getString(3),
                            rows.getLong(4),
                            rows.getLong(5),
                            new Fingerprint(rows.getInt(6), rows.getString(7), rows.getInt(8), rows.getString(9))));
                }
            }
        }
        return files;
    }

    /** Moves the positions; false, with nothing to be committed, if one is not where its advance begins. */
    boolean advance(List<Advance> advances) throws SQLException {
        for (Advance advance : advances) {
            try (PreparedStatement statement = connection.prepareStatement(advance.from() == 0 ? INSERT : UPDATE)) {
                FileState state = advance.state();
                statement.setString(1, state.stream().label());
                statement.setString(2, state.name());
                statement.setLong(3, state.inode());
                statement.setLong(4, state.position());
                statement.setInt(5, state.fingerprint().headBytes());
                statement.setString(6, state.fingerprint().head());
                statement.setInt(7, state.fingerprint().tailBytes());
                statement.setString(8, state.fingerprint().tail());
                statement.setObject(9, sourceId);
                statement.setInt(10, state.number());
                if (advance.from() > 0) {
                    statement.setLong(11, advance.from());
                }
                if (statement.executeUpdate() != 1) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Forgets files that were gone long ago and are not among those that are there. */
    void forgetGone(Collection<Integer> present) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM pgpod_logs.file WHERE source_id = ? AND stored_at < now()"
                        + " - interval '" + GONE_FILES_KEPT + "' AND NOT file_number = ANY (?)")) {
            statement.setObject(1, sourceId);
            statement.setArray(2, connection.createArrayOf("int4", present.toArray()));
            statement.executeUpdate();
        }
    }
}
