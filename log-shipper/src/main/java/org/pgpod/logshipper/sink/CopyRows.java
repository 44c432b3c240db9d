package org.pgpod.logshipper.sink;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pgpod.logshipper.model.RowBuffer;
import org.pgpod.logshipper.model.Table;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Copies rows into a table in the binary form of COPY, inside the caller's transaction. */
final class CopyRows {
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final byte[] TRAILER = {(byte) 0xff, (byte) 0xff};

    private final Connection connection;
    private final PGConnection postgres;

    CopyRows(Connection connection) throws SQLException {
        this.connection = connection;
        this.postgres = connection.unwrap(PGConnection.class);
    }

    /** A row that the store refuses, in the binary form of COPY, and what it said. */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of these.
    record Refused(byte[] row, String reason) {}

    /** Copies all rows or none. */
    void copy(Table table, RowBuffer rows) throws SQLException {
        if (rows.rows() == 0) {
            return;
        }
        CopyIn copy = begin(table);
        rows.forEach(copy::writeToCopy);
        end(copy);
    }

    /** Copies every row that the store takes, and returns the others. Slow: for a batch that was refused as a whole. */
    List<Refused> copyAcceptable(Table table, RowBuffer rows) throws SQLException {
        byte[] bytes = rows.toBytes();
        List<Refused> refused = new ArrayList<>();
        int[] starts = rowStarts(bytes, rows.rows());
        copyRange(table, bytes, starts, 0, rows.rows(), refused);
        return refused;
    }

    private void copyRange(Table table, byte[] bytes, int[] starts, int first, int last, List<Refused> refused)
            throws SQLException {
        if (first == last) {
            return;
        }
        Savepoint before = connection.setSavepoint();
        try {
            CopyIn copy = begin(table);
            copy.writeToCopy(bytes, starts[first], starts[last] - starts[first]);
            end(copy);
            connection.releaseSavepoint(before);
        } catch (SQLException failed) {
            if (!aboutTheData(failed)) {
                throw failed;
            }
            connection.rollback(before);
            if (last - first == 1) {
                refused.add(new Refused(
                        Arrays.copyOfRange(bytes, starts[first], starts[last]), String.valueOf(failed.getMessage())));
            } else {
                int middle = (first + last) >>> 1;
                copyRange(table, bytes, starts, first, middle, refused);
                copyRange(table, bytes, starts, middle, last, refused);
            }
        }
    }

    /** Whether the store refused values: data exceptions, and what is beyond its limits. */
    static boolean aboutTheData(SQLException failed) {
        String state = String.valueOf(failed.getSQLState());
        return state.startsWith("22") || state.startsWith("54");
    }

    private CopyIn begin(Table table) throws SQLException {
        String columns = String.join(", ", table.rowColumns());
        CopyIn copy = postgres.getCopyAPI()
                .copyIn("COPY pgpod_logs." + table.sqlName() + " (" + columns + ") FROM STDIN (FORMAT binary)");
        copy.writeToCopy(HEADER, 0, HEADER.length);
        return copy;
    }

    private static void end(CopyIn copy) throws SQLException {
        copy.writeToCopy(TRAILER, 0, TRAILER.length);
        copy.endCopy();
    }

    /** Where each row begins, and after the last one the end. */
    private static int[] rowStarts(byte[] bytes, int rows) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int[] starts = new int[rows + 1];
        for (int row = 0; row < rows; row++) {
            starts[row] = buffer.position();
            int columns = buffer.getShort();
            for (int column = 0; column < columns; column++) {
                int length = buffer.getInt();
                buffer.position(buffer.position() + Math.max(0, length));
            }
        }
        starts[rows] = buffer.position();
        return starts;
    }
}
